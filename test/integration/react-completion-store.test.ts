import { beforeEach, expect, test } from 'vitest';
import { Sluice } from '../../src/client/sluice.ts';
import { CompletionStore } from '../../src/react/completion-store.ts';
import type { FollowedStatus } from '../../src/react/job-state.ts';
import { call } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { pageStorage } from '../support/session-storage.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const { storage } = pageStorage();
beforeEach(() => storage.clear());

const storeOf = (key?: string) => {
  const client = new Sluice({ baseURL: sluice.url });
  return new CompletionStore(() => client, key);
};
const reach = (store: CompletionStore, status: FollowedStatus) =>
  eventually(status, () => store.snapshot().status === status && store.snapshot(), {
    describe: () => JSON.stringify(store.snapshot()),
  });
const jobStatus = async (id: string | null) =>
  (await call('GET', `${sluice.url}/v1/jobs/${id}?wait=10`)).body.status;

const SLOW = { model: 'scripted/echo', mock_response: { text: 'one two three', hang_after: 2 } };

test('asks, shows, and asks again', async () => {
  const store = storeOf();
  expect(store.snapshot()).toMatchObject({ status: 'idle', jobId: null });
  const leave = store.subscribe(() => {});
  const id = await store.complete(PROMPT, { model: 'scripted/echo' });
  expect(await reach(store, 'completed')).toMatchObject({ text: PROMPT, jobId: id, error: null });
  const conversation = [
    { role: 'user' as const, content: 'hello' },
    { role: 'assistant' as const, content: 'hi' },
    { role: 'user' as const, content: 'and again' },
  ];
  const again = store.complete(conversation, { model: 'scripted/echo' });
  expect(store.snapshot()).toMatchObject({ status: 'connecting', text: '', jobId: null, completion: null });
  await again;
  expect(await reach(store, 'completed')).toMatchObject({ text: 'and again' });
  leave();
  expect(storage.names()).toEqual([]);
});

test('stops the job, and keeps its text', async () => {
  const store = storeOf();
  const leave = store.subscribe(() => {});
  const id = await store.complete(PROMPT, SLOW);
  await eventually('its text', () => store.snapshot().text === 'one two ');
  await store.stop();
  expect(await reach(store, 'cancelled')).toMatchObject({ text: 'one two ', error: null });
  expect(await jobStatus(id)).toBe('cancelled');
  leave();
});

test('that is stopped before it is accepted is cancelled then', async () => {
  const store = storeOf();
  const leave = store.subscribe(() => {});
  const asked = store.complete(PROMPT, SLOW);
  await store.stop();
  await asked;
  await reach(store, 'cancelled');
  leave();
});

test('another question cancels the one that is under way', async () => {
  const store = storeOf();
  const leave = store.subscribe(() => {});
  const first = await store.complete(PROMPT, SLOW);
  await eventually('its text', () => store.snapshot().text === 'one two ');
  const unseen = store.complete(PROMPT, SLOW);
  await store.complete(PROMPT, { model: 'scripted/echo' });
  expect(await unseen).toBeNull();
  expect(await reach(store, 'completed')).toMatchObject({ text: PROMPT });
  expect(await jobStatus(first)).toBe('cancelled');
  await eventually('no job to run', async () => {
    const { data } = (await call('GET', `${sluice.url}/v1/jobs?status=in_progress`)).body;
    return data.length === 0;
  });
  leave();
  await eventually('nothing to stay behind', () => storage.names().length === 0);
});

test('what is refused is told as an error', async () => {
  const store = storeOf();
  const leave = store.subscribe(() => {});
  expect(await store.complete(PROMPT, { model: 'nobody/knows' })).toBeNull();
  expect(store.snapshot()).toMatchObject({ status: 'failed', jobId: null });
  expect(store.snapshot().error).toMatchObject({ code: 'model_not_found' });
  leave();
});

test('a refresh of the page goes on with the job of that name, until it has ended', async () => {
  const first = storeOf('answer');
  const leave = first.subscribe(() => {});
  const id = await first.complete(PROMPT, SLOW);
  await eventually('its text', () => first.snapshot().text === 'one two ');
  leave();
  await eventually('its place', () => storage.getItem(`sluice:job:${id}`));

  const other = storeOf('other');
  const leaveOther = other.subscribe(() => {});
  expect(other.snapshot().status).toBe('idle');
  leaveOther();

  const second = storeOf('answer');
  // What a server would have rendered comes first.
  expect(second.snapshot()).toEqual(second.firstSnapshot());
  const leaveSecond = second.subscribe(() => {});
  await eventually('its text', () => second.snapshot().text === 'one two ');
  expect(second.snapshot().jobId).toBe(id);
  await second.stop();
  await reach(second, 'cancelled');
  leaveSecond();
  expect(storage.names()).toEqual([]);
});

test('a page that goes before it hears that its question is accepted finds the job all the same', async () => {
  const client = new Sluice({
    baseURL: sluice.url,
    fetch: async (input, init) => {
      await fetch(input, init);
      return new Promise(() => {});
    },
  });
  const made = async (): Promise<{ id: string }[]> =>
    (await call('GET', `${sluice.url}/v1/jobs?limit=100`)).body.data;
  const before = (await made()).length;
  const first = new CompletionStore(() => client, 'answer');
  const leave = first.subscribe(() => {});
  void first.complete(PROMPT, { model: 'scripted/echo' });
  const accepted = await eventually('the job', async () => {
    const jobs = await made();
    return jobs.length > before && jobs[0]?.id;
  });
  leave();
  const second = storeOf('answer');
  const leaveSecond = second.subscribe(() => {});
  expect(second.snapshot().status).toBe('connecting');
  expect(await reach(second, 'completed')).toMatchObject({ text: PROMPT, jobId: accepted });
  leaveSecond();
  expect(await made()).toHaveLength(before + 1);
  expect(storage.names()).toEqual([]);
});

test('a job that is gone from the server is forgotten', async () => {
  storage.setItem('sluice:completion:answer', JSON.stringify({ jobId: `job_${'0'.repeat(32)}` }));
  const store = storeOf('answer');
  const leave = store.subscribe(() => {});
  await reach(store, 'disconnected');
  leave();
  expect(storage.names()).toEqual([]);
});
