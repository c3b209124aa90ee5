import { afterEach, expect, it } from 'vitest';
import { type Answer, call, scripted, submit } from '../support/api-client.ts';
import { Cluster, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type JobEvent, JobReader } from '../support/job-reader.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { disagreement } from '../support/stored-job.ts';

const MAXMEMORY = 24 * 1024 * 1024;
const TEXT = Array.from({ length: 300 }, (_, index) => `${index} `).join('');
const STREAM = scripted({ text: TEXT, delay_ms: 5 }, 'scripted/echo');
const HANGING = scripted({ text: 'partial text', hang_after: 2 }, 'scripted/echo');

let cluster: Cluster;
let api: SluiceProcess;

async function start(retries: number): Promise<void> {
  cluster = await Cluster.start(
    {
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      router_settings: { num_retries: retries },
    },
    { extraArgs: ['--maxmemory', String(MAXMEMORY)] },
  );
  [api] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
}
afterEach(() => cluster[Symbol.asyncDispose]());

/** Takes so much memory beyond the maximum that nothing which frees a little makes a difference. */
async function exhaust(): Promise<void> {
  await cluster.client.setrange('ballast', 2 * MAXMEMORY, '.');
  await expectFull();
}

async function expectFull(): Promise<void> {
  await expect(cluster.client.set('more', '')).rejects.toThrow(/^OOM/);
}

async function begin(body: object): Promise<{ id: string; reader: JobReader; followed: Promise<JobEvent> }> {
  const id = await submit(api.url, body);
  const reader = new JobReader(api.url, id);
  const followed = reader.follow();
  await eventually('text', () => reader.text !== '');
  return { id, reader, followed };
}

function expectUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answer.body.error).toMatchObject({ type: 'server_error', code: 'storage_unavailable' });
}

it('while Redis is out of memory submissions are refused and running jobs end; then all is as before', async () => {
  await start(0);
  const [streaming, hanging] = [await begin(STREAM), await begin(HANGING)];
  await exhaust();
  expectUnavailable(await call('POST', `${api.url}/v1/jobs`, { body: { body: STREAM } }));
  expectUnavailable(await call('POST', `${api.url}/v1/chat/completions`, { body: STREAM }));
  const headers = { 'Idempotency-Key': 'once' };
  expectUnavailable(await call('POST', `${api.url}/v1/jobs`, { body: { body: STREAM }, headers }));

  expect((await streaming.followed).event).toBe('failed');
  const failed = await settled(api.url, streaming.id);
  expect(failed.error.code).toBe('storage_unavailable');
  expect(TEXT.startsWith(failed.result.choices[0].message.content)).toBe(true);
  const cancelled = await call('POST', `${api.url}/v1/jobs/${hanging.id}/cancel`);
  expect(cancelled.body).toMatchObject({
    status: 'cancelled',
    result: { choices: [{ message: { content: 'partial text' } }] },
  });
  for (const { id } of [streaming, hanging]) expect(await disagreement(cluster, id)).toBeNull();
  await expectFull();

  await cluster.client.del('ballast');
  await eventually('the API to be ready', async () => {
    return (await call('GET', `${api.url}/health/ready`)).status === 200;
  });
  const again = await call('POST', `${api.url}/v1/jobs`, { body: { body: STREAM }, headers });
  expect(again.status).toBe(202);
  expect(await settled(api.url, again.body.id)).toMatchObject({
    status: 'completed',
    result: { choices: [{ message: { content: TEXT } }] },
  });
});

it('a job that lost its attempt to the lack of memory completes when there is some again', async () => {
  await start(2);
  const { id, reader, followed } = await begin(STREAM);
  await exhaust();
  await eventually('the attempt to end', () => reader.events.some(({ event }) => event === 'retry'));
  await cluster.client.del('ballast');
  expect((await followed).event).toBe('completed');
  expect(reader.text).toBe(TEXT);
  expect(reader.dropped).toBe(0);
  const { attempts } = await settled(api.url, id);
  expect(attempts[0]).toMatchObject({ status: 'failed', error: { code: 'storage_unavailable' } });
  expect(attempts.at(-1).status).toBe('completed');
  expect(await disagreement(cluster, id)).toBeNull();
});
