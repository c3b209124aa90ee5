import { afterAll, beforeAll, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { call, scripted, submit } from '../support/api-client.ts';
import { Cluster, getJob } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type JobEvent, JobReader, readEvents } from '../support/job-reader.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

let cluster: Cluster;
let api: SluiceProcess;

beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { log_ttl: 1 },
    router_settings: { num_retries: 1 },
  });
  api = await cluster.run();
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** A job that was followed to its end, and whose log has expired since. */
async function expired(options: object): Promise<{ id: string; live: JobReader }> {
  const id = await submit(api.url, scripted(options, 'scripted/echo'));
  const live = new JobReader(api.url, id);
  await live.follow();
  await eventually('the log to expire', async () => (await cluster.client.exists(keys.log(id))) === 0);
  return { id, live };
}

async function rebuilt(id: string, lastEventId?: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  const url = `${api.url}/v1/jobs/${id}/events`;
  for await (const event of readEvents(url, lastEventId === undefined ? {} : { lastEventId }))
    events.push(event);
  return events;
}

function contentOf(events: readonly JobEvent[]): string {
  return events
    .filter(({ event }) => event === 'delta')
    .flatMap(({ data }) => data.choices)
    .map(({ delta }) => delta.content ?? '')
    .join('');
}

it('events of an expired log are rebuilt from the result, marked, and have the digest of what was streamed', async () => {
  const text = 'Ein längerer Text ✓\n'.repeat(30);
  const { id, live } = await expired({
    text,
    deltas: 60,
    reasoning: 'think first',
    fail_attempts: 1,
    error_after: 20,
  });
  const events = await rebuilt(id);
  expect(events.map(({ data }) => data.replayed_from)).toEqual(events.map(() => 'result'));
  expect(events[0]).toMatchObject({ event: 'attempt', id: '2-0', data: { epoch: 2, provider: 'scripted' } });
  expect(contentOf(events)).toBe(text);
  expect(live.text).toBe(text);

  const [end, seen] = [events.at(-1), live.terminal];
  expect(end).toMatchObject({ event: 'completed', id: seen?.id });
  expect(end?.data.digest.sha256).toBe(seen?.data.digest.sha256);
  expect(end?.data.digest.deltas).toBe(events.filter(({ event }) => event === 'delta').length);
  expect(end?.data).toEqual({ ...seen?.data, digest: end?.data.digest, replayed_from: 'result' });
});

it('a reader that comes back to an expired log gets the text anew, and nothing after the end', async () => {
  const { id, live } = await expired({ text: 'one two three', deltas: 3 });
  const all = await rebuilt(id);
  expect(await rebuilt(id, '1-2')).toEqual(all);
  expect(all[0]?.event).toBe('attempt');
  const after = await call('GET', `${api.url}/v1/jobs/${id}/events?after=${live.lastEventId}`);
  expect([after.status, after.body]).toEqual([204, null]);
});

it('a job that failed before any text is rebuilt without deltas', async () => {
  const { id } = await expired({ text: 'never', error_after: 0, error_status: 400 });
  const events = await rebuilt(id);
  expect(events.map(({ event }) => event)).toEqual(['attempt', 'failed']);
  expect(events[1]?.data).toMatchObject({ status: 'failed', replayed_from: 'result', digest: { deltas: 0 } });
});

it('an expired record is a 404', async () => {
  const { id } = await expired({ text: 'gone' });
  expect((await getJob(api.url, id)).status).toBe('completed');
  await cluster.client.del(keys.record(id));
  const answer = await call('GET', `${api.url}/v1/jobs/${id}/events`);
  expect([answer.status, answer.body.error.code]).toEqual([404, 'job_not_found']);
});
