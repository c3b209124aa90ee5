import { beforeEach, describe, expect, test } from 'vitest';
import { Sluice } from '../../src/client/sluice.ts';
import type { JobState } from '../../src/react/job-state.ts';
import { JobStore } from '../../src/react/job-store.ts';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob, settledJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { pageStorage } from '../support/session-storage.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 1, retry_after: 0 },
  },
});
const { storage, use } = pageStorage();
beforeEach(() => {
  storage.clear();
  use(storage);
});

const WORDS = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
const storeOf = (id: string, fetch?: typeof globalThis.fetch) => {
  const client = new Sluice({ baseURL: sluice.url, fetch });
  return new JobStore(() => client, id);
};

/** Follows, and gathers what is shown. */
function follow(store: JobStore): { states: JobState[]; leave: () => void } {
  const states: JobState[] = [];
  return { states, leave: store.subscribe(() => states.push(store.snapshot())) };
}

const reach = (store: JobStore, status: JobState['status']) =>
  eventually(status, () => store.snapshot().status === status && store.snapshot(), {
    describe: () => JSON.stringify(store.snapshot()),
  });

/** Fetches as ever, and remembers what was asked for, and after which event. */
function recordingFetch() {
  const asked: { path: string; after: string | null }[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    asked.push({
      path: new URL(String(input)).pathname,
      after: new Headers(init?.headers).get('last-event-id'),
    });
    return globalThis.fetch(input, init);
  };
  return { asked, fetch };
}

describe('a job', () => {
  test('is shown as it comes, and whole at its end', async () => {
    const id = await submit(sluice.url, ask(WORDS));
    const store = storeOf(id);
    expect(store.snapshot()).toMatchObject({ status: 'connecting', text: '', completion: null, attempt: 0 });
    const { states, leave } = follow(store);
    const end = await reach(store, 'completed');
    leave();
    expect(end).toMatchObject({ text: WORDS, attempt: 1, error: null, outcome: { status: 'completed' } });
    const { body } = await call('GET', `${sluice.url}/v1/jobs/${id}`);
    expect(end.completion?.choices).toEqual(body.result.choices);
    for (const { text } of states) expect(WORDS.startsWith(text)).toBe(true);
    // Two hundred deltas that lie in the log already are not two hundred renders.
    expect(states.length).toBeLessThan(50);
    expect(storage.names()).toEqual([]);
  });

  test('waits as queued', async () => {
    const id = await submit(sluice.url, ask(), { delay: 600 });
    const store = storeOf(id);
    const { leave } = follow(store);
    await reach(store, 'queued');
    await store.cancel();
    expect(await reach(store, 'cancelled')).toMatchObject({ error: null, outcome: { status: 'cancelled' } });
    leave();
  });

  test('begins its text anew with another attempt', async () => {
    const body = ask({
      text: 'one two three',
      error_after: 2,
      error_status: 503,
      fail_attempts: 1,
      delay_ms: 30,
    });
    const store = storeOf(await submit(sluice.url, body));
    const { states, leave } = follow(store);
    expect(await reach(store, 'completed')).toMatchObject({ text: 'one two three', attempt: 2 });
    leave();
    for (const { text } of states) expect('one two three'.startsWith(text)).toBe(true);
  });

  test('that fails says why, and keeps its text', async () => {
    const body = ask({ text: 'one two three', error_after: 2, error_status: 400 });
    const store = storeOf(await submit(sluice.url, body));
    const { leave } = follow(store);
    const end = await reach(store, 'failed');
    leave();
    expect(end).toMatchObject({ text: 'one two ', outcome: { status: 'failed' } });
    expect(end.error).toMatchObject({ name: 'JobFailedError', code: 'upstream_bad_request' });
  });

  test('that nobody knows cannot be followed', async () => {
    const store = storeOf(`job_${'0'.repeat(32)}`);
    const { leave } = follow(store);
    expect((await reach(store, 'disconnected')).error).toMatchObject({ code: 'job_not_found' });
    leave();
  });

  test('goes on when nobody follows it any more', async () => {
    const id = await hangingJob(sluice.url);
    const store = storeOf(id);
    const { leave } = follow(store);
    await eventually('its text', () => store.snapshot().text === 'one two ');
    leave();
    await eventually('its place', () => storage.getItem(`sluice:job:${id}`));
    expect((await call('GET', `${sluice.url}/v1/jobs/${id}`)).body.status).toBe('in_progress');
    await cancel(sluice.url, id);
  });

  test('is followed once by one who leaves and comes back at once', async () => {
    const { asked, fetch } = recordingFetch();
    const store = storeOf(await settledJob(sluice.url, ask('one two')), fetch);
    follow(store).leave();
    const { leave } = follow(store);
    await reach(store, 'completed');
    leave();
    expect(asked).toHaveLength(1);
  });

  test('is not read twice over by one who leaves and comes back amid what has arrived', async () => {
    const id = await settledJob(sluice.url, ask(WORDS));
    const microtasks = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) await null;
    };
    let leave = (): void => {};
    let back: Promise<void> | null = null;
    const comeBack = async (): Promise<void> => {
      await microtasks(100);
      leave();
      await microtasks(5);
      leave = follow(store).leave;
    };
    const amid = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        controller.enqueue(bytes);
        back ??= comeBack();
      },
    });
    const store = storeOf(id, async (input, init) => {
      const response = await globalThis.fetch(input, init);
      return back === null ? new Response(response.body?.pipeThrough(amid), response) : response;
    });
    leave = follow(store).leave;
    await eventually('to be on the way', () => back !== null);
    await back;
    expect((await reach(store, 'completed')).text).toBe(WORDS);
    leave();
  });

  test('goes on where it was left by one who comes back later', async () => {
    const { asked, fetch } = recordingFetch();
    const id = await hangingJob(sluice.url);
    const store = storeOf(id, fetch);
    const first = follow(store);
    await eventually('its text', () => store.snapshot().text === 'one two ');
    first.leave();
    await eventually('its place', () => storage.getItem(`sluice:job:${id}`));
    const second = follow(store);
    await store.cancel();
    expect(await reach(store, 'cancelled')).toMatchObject({ text: 'one two ' });
    second.leave();
    const events = asked.filter(({ path }) => path.endsWith('/events'));
    expect(events.map(({ after }) => after)).toEqual([null, '1-3']);
  });
});

describe('a refresh of the page', () => {
  /** A job of which a page has read a part, and what it left behind. */
  async function readInPart(options: object = {}): Promise<{ id: string; text: string; offset: string }> {
    const id = await submit(sluice.url, ask({ text: WORDS, delay_ms: 10, ...options }));
    const store = storeOf(id);
    const { leave } = follow(store);
    await eventually('some text', () => store.snapshot().text.length > 20);
    leave();
    const kept = await eventually('its place', () => storage.getItem(`sluice:job:${id}`));
    return { id, ...JSON.parse(kept) };
  }

  test('goes on behind what was read, and ends with the whole', async () => {
    const { id, text, offset } = await readInPart();
    expect(text.length).toBeGreaterThan(20);
    expect(text.length).toBeLessThan(WORDS.length);
    const { asked, fetch } = recordingFetch();
    const store = storeOf(id, fetch);
    const { states, leave } = follow(store);
    const end = await reach(store, 'completed');
    leave();
    expect(asked[0]).toEqual({ path: `/v1/jobs/${id}/events`, after: offset });
    expect(end.text).toBe(WORDS);
    for (const state of states) expect(state.text.startsWith(text)).toBe(true);
    const { body } = await call('GET', `${sluice.url}/v1/jobs/${id}`);
    expect(end.completion).toEqual(body.result);
    expect(storage.names()).toEqual([]);
  });

  test('with several choices keeps them apart', async () => {
    const id = await submit(sluice.url, ask({ text: WORDS, delay_ms: 5 }, { n: 2 }));
    const first = storeOf(id);
    const { leave } = follow(first);
    await eventually('some text', () => first.snapshot().text.length > 20);
    leave();
    await eventually('its place', () => storage.getItem(`sluice:job:${id}`));
    const { asked, fetch } = recordingFetch();
    const second = storeOf(id, fetch);
    const follower = follow(second);
    const end = await reach(second, 'completed');
    follower.leave();
    expect(end.text).toBe(WORDS);
    expect(end.completion?.choices.map(({ message }) => message.content)).toEqual([WORDS, WORDS]);
    expect(asked.filter(({ path }) => path.endsWith('/events'))).toHaveLength(1);
  });

  test.each([
    ['another text', true, (place: object) => JSON.stringify({ ...place, text: 'something else' })],
    ['an offset that is none', true, (place: object) => JSON.stringify({ ...place, offset: 'x' })],
    ['an offset of nowhere', false, (place: object) => JSON.stringify({ ...place, offset: '1-9999' })],
    ['no JSON', true, () => '{'],
    ['another shape', true, () => '[1]'],
  ])('that left %s behind is read right all the same', async (_, fromStart, spoil) => {
    const { id, ...place } = await readInPart({ delay_ms: 2 });
    storage.setItem(`sluice:job:${id}`, spoil(place));
    const { asked, fetch } = recordingFetch();
    const store = storeOf(id, fetch);
    const { leave } = follow(store);
    expect(await reach(store, 'completed')).toMatchObject({ text: WORDS });
    leave();
    const events = asked.filter(({ path }) => path.endsWith('/events'));
    expect(events.some(({ after }) => after === null)).toBe(fromStart);
  });

  test.each([
    ['no storage', undefined],
    [
      'a storage that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('SecurityError');
          },
        },
      ),
    ],
  ])('with %s reads from the start', async (_, broken) => {
    use(broken);
    const id = await submit(sluice.url, ask({ text: WORDS, delay_ms: 2 }));
    const first = storeOf(id);
    const { leave } = follow(first);
    await eventually('some text', () => first.snapshot().text.length > 20);
    leave();
    const second = storeOf(id);
    const follower = follow(second);
    expect(await reach(second, 'completed')).toMatchObject({ text: WORDS });
    follower.leave();
  });

  test('keeps the places of no more than twenty jobs', async () => {
    for (let index = 0; index < 30; index += 1) {
      storage.setItem(`sluice:job:old${index}`, JSON.stringify({ at: index, offset: '1-1', text: '' }));
    }
    storage.setItem('of the app', 'x');
    const { id } = await readInPart();
    expect(storage.names().filter((name) => name.startsWith('sluice:job:'))).toHaveLength(20);
    expect(storage.names()).toContain(`sluice:job:${id}`);
    expect(storage.names()).toContain('sluice:job:old29');
    expect(storage.names()).not.toContain('sluice:job:old10');
    expect(storage.names()).toContain('of the app');
    await cancel(sluice.url, id);
  });
});
