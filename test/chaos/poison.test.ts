import { afterAll, beforeAll, expect, it } from 'vitest';
import { scripted, submit } from '../support/api-client.ts';
import { Cluster, count, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';

const MAX_LOST = 2;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_lost_attempts: MAX_LOST },
  });
});
afterAll(() => cluster[Symbol.asyncDispose]());

it('a job that kills every worker is given up, with what it had produced', { timeout: 120_000 }, async () => {
  const api = await cluster.run('api');
  const id = await submit(api.url, scripted({ text: 'deadly text', hang_after: 1 }, 'scripted/echo'));
  const { reader, end } = cluster.follow(api.url, id);
  for (let lost = 1; lost <= MAX_LOST + 1; lost += 1) {
    const worker = await cluster.run('worker');
    // The delta with the first word, after the one that starts the choice.
    await eventually(`text of attempt ${lost}`, () => reader.lastEventId === `${lost}-2`);
    worker.signal('SIGKILL');
    await worker.exited;
  }
  const survivor = await cluster.run('worker');
  const job = await settled(api.url, id);
  expect(job.status).toBe('failed');
  expect(job.error.code).toBe('attempts_lost');
  expect(job.attempts.map(({ status }: { status: string }) => status)).toEqual(['lost', 'lost', 'lost']);
  expect(job.result.choices[0].message.content).toBe('deadly ');

  const log = await cluster.log(id);
  expect(count(log, 'attempt')).toBe(MAX_LOST + 1);
  expect(count(log, 'end')).toBe(1);
  expect(await end).toMatchObject({ event: 'failed', data: { error: { code: 'attempts_lost' } } });

  const next = await submit(api.url, scripted('harmless'));
  expect(await settled(api.url, next)).toMatchObject({ status: 'completed' });
  expect(survivor.log.filter((line) => line.jobId === id && line.msg === 'job in_progress')).toEqual([]);
});
