import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { batchEnded, batchLine, batchLines, createBatch } from '../support/batches.ts';
import { expectError } from '../support/expect-error.ts';
import { type JobEvent, readEvents } from '../support/job-reader.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { type SluiceProcess, startSluice } from '../support/sluice-process.ts';

const sluice = sharedSluice({ env: { SLUICE_FILES_DIR: `/tmp/sluice-batch-events-${process.pid}` } });
const eventsOf = (id: string): string => `${sluice.url}/v1/batches/${id}/events`;

/** A line that takes an hour. */
const SLOW = batchLine('slow', {
  model: 'scripted/echo',
  messages: [{ role: 'user', content: 'Slowly.' }],
  mock_response: { text: 'Slowly.', first_delay_ms: 3_600_000 },
});

async function all(url: string, lastEventId?: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of readEvents(url, lastEventId === undefined ? {} : { lastEventId })) {
    events.push(event);
  }
  return events;
}

const linesIn = (events: readonly JobEvent[]) => events.filter(({ event }) => event === 'line');

describe('the events of a batch', () => {
  test('tell of every line, of the progress, and of the end', async () => {
    const { id } = await createBatch(sluice.url, [
      ...batchLines(30),
      batchLine('refused', { model: 'scripted/echo', messages: [] }),
    ]);
    const events = await all(eventsOf(id));
    const lines = linesIn(events);
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 31 }, (_, index) => String(index + 1)));
    expect(new Set(lines.map(({ data }) => data.custom_id)).size).toBe(31);
    const good = lines.find(({ data }) => data.custom_id === 'line-1')?.data;
    expect(good).toMatchObject({
      line: 1,
      status: 'completed',
      job_id: expect.stringMatching(/^job_[0-9a-f]{27}00001$/),
      usage: { total_tokens: expect.any(Number) },
    });
    expect(lines.find(({ data }) => data.custom_id === 'refused')?.data).toMatchObject({
      status: 'failed',
      job_id: null,
    });
    expect(events.filter(({ event }) => event === 'progress').at(-1)?.data).toMatchObject({
      request_counts: { total: 31, completed: 30, failed: 1 },
      lines_per_second: expect.any(Number),
      elapsed: expect.any(Number),
      cost: { usd: expect.any(Number) },
    });
    expect(events.at(-1)).toMatchObject({ event: 'completed', id: 'end', data: { id, object: 'batch' } });
  });

  test('go on after any of them, live and later, with nothing missing and nothing twice', async () => {
    const { id } = await createBatch(sluice.url, batchLines(40));
    const live = linesIn(await all(eventsOf(id)));
    await batchEnded(sluice.url, id);
    for (let after = 0; after <= 40; after += 1) {
      const rest = await all(eventsOf(id), String(after));
      expect(linesIn(rest)).toEqual(live.slice(after));
      expect(rest.at(-1)?.event).toBe('completed');
    }
    expect(await all(eventsOf(id), 'end')).toEqual([]);
    const byQuery = await all(`${eventsOf(id)}?after=38`);
    expect(linesIn(byQuery)).toEqual(live.slice(38));
  });

  test('have whole results where they are asked for', async () => {
    const { id } = await createBatch(sluice.url, batchLines(2));
    const lines = linesIn(await all(`${eventsOf(id)}?include[]=result`));
    expect(lines[0]?.data.result).toMatchObject({
      custom_id: lines[0]?.data.custom_id,
      response: { status_code: 200 },
      error: null,
    });
  });

  test('come while it runs', async () => {
    const { id } = await createBatch(sluice.url, [...batchLines(3), SLOW]);
    let seen = 0;
    for await (const { event } of readEvents(eventsOf(id))) {
      if (event === 'line') seen += 1;
      if (seen === 3) break;
    }
    const running = await call('GET', `${sluice.url}/v1/batches/${id}`);
    expect(running.body).toMatchObject({ status: 'in_progress', request_counts: { completed: 3 } });
    await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
    await batchEnded(sluice.url, id);
  });

  test.each(['x', '-1', '1-2', '1.5'])('refuse to go on after %j', async (after) => {
    const { id } = await createBatch(sluice.url, batchLines(1));
    expectError(await call('GET', `${eventsOf(id)}?after=${after}`), 400, 'invalid_offset', 'after');
  });

  describe('through another process', () => {
    let other: SluiceProcess;
    beforeAll(async () => {
      other = await startSluice({
        role: 'api',
        redisUrl: sluice.redisUrl,
        config: JSON.stringify({
          model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
          general_settings: { drain_grace: 0 },
        }),
        env: { SLUICE_FILES_DIR: `/tmp/sluice-batch-events-${process.pid}` },
      });
    });
    afterAll(() => other[Symbol.asyncDispose]());

    test('go on where a process that shuts down has ended them', async () => {
      const { id } = await createBatch(sluice.url, [...batchLines(300), SLOW]);
      const seen: JobEvent[] = [];
      for await (const event of readEvents(`${other.url}/v1/batches/${id}/events`)) {
        if (event.event === 'line') seen.push(event);
        if (seen.length === 1) other.signal('SIGTERM');
      }
      expect(seen.length).toBeLessThan(301);
      await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
      const rest = linesIn(await all(eventsOf(id), seen.at(-1)?.id));
      const ids = [...seen, ...rest].map(({ data }) => data.custom_id);
      expect([ids.length, new Set(ids).size]).toEqual([301, 301]);
    });
  });
});
