import { beforeAll, describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob, settledJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { type JobEvent, JobReader, readEvents } from '../support/job-reader.ts';
import { metric } from '../support/metrics.ts';
import { connectTo, rawHttp } from '../support/raw-http.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: { model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }] },
});

const eventsUrl = (id: string): string => `${sluice.url}/v1/jobs/${id}/events`;

function collect(url: string, options: { lastEventId?: string } = {}): Promise<JobEvent[]> {
  return Array.fromAsync(readEvents(url, options));
}

/** Reads up to the first comment, and a little more. */
async function firstComment(url: string): Promise<string> {
  const response = await fetch(url);
  let text = '';
  for await (const piece of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (/^:.*\n/m.test(text)) break;
  }
  return text;
}

let heartbeat: Promise<string>;
beforeAll(async () => {
  // It comes after fifteen seconds of silence, which the other tests do not have to wait for.
  heartbeat = firstComment(eventsUrl(await submit(sluice.url, ask({ hang_after: 1 }))));
});

describe('after the log has expired', () => {
  test('its time is limited, the record’s less so', async () => {
    const id = await settledJob(sluice.url, ask());
    const [log, record] = await Promise.all([
      sluice.redis.ttl(`sluice:{${id}}:log`),
      sluice.redis.ttl(`sluice:{${id}}`),
    ]);
    expect(log).toBeGreaterThan(0);
    expect(log).toBeLessThanOrEqual(3600);
    expect(record).toBeGreaterThan(3600);
    expect(record).toBeLessThanOrEqual(86_400);
  });

  test.each([
    ['completed', { text: 'one two three' }, 'one two three'],
    ['failed', { text: 'one two three', error_after: 2, error_status: 400 }, 'one two '],
  ])('the events of a job that %s are rebuilt from its result, and say so', async (status, options, text) => {
    const id = await settledJob(sluice.url, ask(options));
    const before = await collect(eventsUrl(id));
    expect(await sluice.redis.del(`sluice:{${id}}:log`)).toBe(1);
    const reader = new JobReader(sluice.url, id);
    const end = await reader.follow().catch(() => reader.events.at(-1));
    expect(reader.text).toBe(text);
    expect(reader.events[0]?.event).toBe('attempt');
    expect(end?.event).toBe(status);
    expect(end?.id).toBe(before.at(-1)?.id);
    for (const { data } of reader.events) expect(data.replayed_from).toBe('result');
    const { digest, replayed_from: _, ...outcome } = end?.data ?? {};
    const { digest: streamed, ...original } = before.at(-1)?.data ?? {};
    expect(outcome).toEqual(original);
    expect(digest.sha256).toBe(streamed.sha256);
    expect(digest.deltas).toBe(reader.deltas);
    expect((await fetch(`${eventsUrl(id)}?after=${end?.id}`)).status).toBe(204);
  });

  test('a job that left no result has its terminal event', async () => {
    const id = await settledJob(sluice.url, ask({ error_status: 400 }));
    await sluice.redis.del(`sluice:{${id}}:log`);
    const events = await collect(eventsUrl(id));
    expect(events.map(({ event }) => event)).toEqual(['attempt', 'failed']);
    expect(events.at(-1)?.data).toMatchObject({ error: { code: 'upstream_bad_request' } });
  });
});

describe('readers', () => {
  test.each(['1', '1-', '-1', '1-1-1', 'x', '1-x', ' ', '01-1', '1-01', '+1-1', '1.5-2', '9'.repeat(40)])(
    'an offset like %j is refused',
    async (offset) => {
      const id = await settledJob(sluice.url, ask());
      const query = await call('GET', `${eventsUrl(id)}?after=${encodeURIComponent(offset)}`);
      expect(query.status).toBe(400);
      expect(query.body.error).toEqual({
        message: "Invalid after: expected the id of an event, '<epoch>-<seq>', such as '1-42'.",
        type: 'invalid_request_error',
        param: 'after',
        code: 'invalid_offset',
      });
      if (offset.trim() === '') return;
      const header = await call('GET', eventsUrl(id), { headers: { 'Last-Event-ID': offset } });
      expect([header.status, header.body.error.param]).toEqual([400, 'Last-Event-ID']);
    },
  );

  test.each(['after=1-0&after=1-1', 'after[]=1-0', 'after[x]=1-0'])('?%s is refused', async (query) => {
    const id = await settledJob(sluice.url, ask());
    const response = await fetch(`${eventsUrl(id)}?${query}`);
    expect(response.status).toBe(400);
    await response.body?.cancel();
  });

  test('HEAD is answered at once, even while the job runs', async () => {
    const id = await hangingJob(sluice.url);
    const head = `HEAD /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    // It waits for the server to end the connection.
    const answer = await rawHttp(sluice.url, head);
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await cancel(sluice.url, id);
  });

  test('one that waits for what will never come is let go when the job ends', async () => {
    const id = await hangingJob(sluice.url);
    const events = collect(eventsUrl(id), { lastEventId: '1-999999' });
    await cancel(sluice.url, id);
    expect(await events).toEqual([]);
  });

  test('one whose job disappears is let go', async () => {
    const id = await hangingJob(sluice.url);
    const events = collect(eventsUrl(id), { lastEventId: '1-3' });
    await eventually(
      'the reader to be counted',
      async () => (await metric(sluice.url, 'sluice_sse_readers')) > 1,
    );
    await sluice.redis.del(`sluice:{${id}}`, `sluice:{${id}}:log`);
    expect(await events).toEqual([]);
  });

  test('those that hang up right after asking leave nothing behind', async () => {
    const id = await hangingJob(sluice.url);
    const before = await metric(sluice.url, 'sluice_sse_readers');
    for (let round = 0; round < 200; round += 1) {
      const socket = await connectTo(sluice.url);
      socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => {
        // From at once to a little later: one of them meets the moment at which nobody listens for it yet.
        setTimeout(() => socket.resetAndDestroy(), round / 50);
      });
    }
    await eventually('their streams to be closed', async () => {
      const now = await metric(sluice.url, 'sluice_sse_readers');
      return now === before;
    });
    await cancel(sluice.url, id);
  });

  test('a silent stream has comments, without the blank line that some clients take for an event', async () => {
    const text = await heartbeat;
    expect(text).toMatch(/\n\n: [^\n]*\n$/);
  });
});
