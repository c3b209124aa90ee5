import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, scripted, submit } from '../support/api-client.ts';
import { Cluster, count, type Followed, getJob, settled, textOf } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const HOUR = 3600;

let cluster: Cluster;
let sluice: SluiceProcess;

async function run(config: object): Promise<void> {
  cluster = await Cluster.start(config);
  sluice = await cluster.run();
}

async function follow(options: object, model?: string): Promise<Followed> {
  return cluster.follow(sluice.url, await submit(sluice.url, scripted(options, model)));
}

/** The events that a reader saw, without the deltas. */
function milestones({ reader }: Followed): string[] {
  return reader.events.map(({ event }) => event).filter((event) => event !== 'delta');
}

describe('with two retries and one slot', () => {
  beforeAll(() =>
    run({
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      router_settings: { num_retries: 2 },
      general_settings: { concurrency: 1 },
    }),
  );
  afterAll(() => cluster[Symbol.asyncDispose]());

  it('a rate limit is waited for as long as the provider asks', async () => {
    const job = await follow({ text: 'answer', retry_after: 3, fail_attempts: 1 });
    await job.end;
    expect(milestones(job)).toEqual(['attempt', 'retry', 'attempt', 'completed']);
    const [first, second] = await cluster.attempts(job.id);
    expect(first?.status).toBe('failed');
    expect(Number(second?.startedAt) - Number(first?.startedAt)).toBeGreaterThanOrEqual(3000);
    const retry = job.reader.events.find(({ event }) => event === 'retry');
    expect(retry?.data).toMatchObject({ epoch: 1, error: { code: 'rate_limit_exceeded' } });
    expect(1000 * retry?.data.at - Number(first?.startedAt)).toBeGreaterThanOrEqual(3000);
  });

  it('a retry that waits holds no slot', async () => {
    const waiting = await follow({ retry_after: HOUR });
    await eventually('the retry', () => milestones(waiting).includes('retry'));
    const other = await submit(sluice.url, scripted('meanwhile'));
    expect(await settled(sluice.url, other)).toMatchObject({ status: 'completed' });
    expect(await getJob(sluice.url, waiting.id)).toMatchObject({
      status: 'queued',
      attempts: [{ epoch: 1 }],
    });
    await call('POST', `${sluice.url}/v1/jobs/${waiting.id}/cancel`);
    expect((await waiting.end).event).toBe('cancelled');
  });

  it('a failure that stays is repeated twice, and the job fails with it', async () => {
    const job = await follow({ error_status: 500 });
    expect(await job.end).toMatchObject({ event: 'failed', data: { error: { code: 'upstream_error' } } });
    expect(milestones(job)).toEqual(['attempt', 'retry', 'attempt', 'retry', 'attempt', 'failed']);
    const attempts = await cluster.attempts(job.id);
    expect(attempts.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
  });

  it('a failure that is the fault of the request is not repeated', async () => {
    const job = await follow({ error_status: 400 });
    expect(await job.end).toMatchObject({ data: { error: { code: 'upstream_bad_request' } } });
    expect(milestones(job)).toEqual(['attempt', 'failed']);
  });

  it('the text is that of the last attempt only', async () => {
    const job = await follow({ text: 'one two three four', delay_ms: 10, error_after: 3, fail_attempts: 2 });
    await job.end;
    expect(milestones(job)).toEqual(['attempt', 'retry', 'attempt', 'retry', 'attempt', 'completed']);
    expect(job.reader.text).toBe('one two three four');
    const { result, attempts } = await getJob(sluice.url, job.id);
    expect(result.choices[0].message.content).toBe('one two three four');
    expect(attempts).toMatchObject([{ status: 'failed' }, { status: 'failed' }, { status: 'completed' }]);
    const log = await cluster.log(job.id);
    expect(textOf(log.filter(({ epoch }) => epoch === 1))).toMatch(/^one /);
  });

  it('an answer that always breaks off fails the job and keeps what came', async () => {
    const job = await follow({ text: 'one two three', truncate_after: 2 });
    expect(await job.end).toMatchObject({
      event: 'failed',
      data: { finish_reason: null, error: { code: 'upstream_truncated' } },
    });
    const { status, error, attempts, result } = await getJob(sluice.url, job.id);
    expect({ status, code: error.code }).toEqual({ status: 'failed', code: 'upstream_truncated' });
    expect(attempts).toHaveLength(3);
    expect(result.choices[0]).toMatchObject({ finish_reason: null, message: { content: 'one two ' } });
    expect(count(await cluster.log(job.id), 'end')).toBe(1);
  });
});

describe('with two deployments', () => {
  beforeAll(() => {
    const deployment = (model_name: string, model: string) => ({ model_name, litellm_params: { model } });
    return run({
      model_list: [
        deployment('one-fails', 'scripted/echo?error_status=503'),
        deployment('one-fails', 'scripted/echo?text=from+the+other'),
        deployment('both-work', 'scripted/echo?text=A'),
        deployment('both-work', 'scripted/echo?text=B'),
      ],
      // Whatever is not tried elsewhere at once is not tried again while this test runs.
      router_settings: { num_retries: 2, retry_after: HOUR },
    });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it('a failure of one falls over to the other at once', async () => {
    const job = await follow({}, 'one-fails');
    await job.end;
    expect(milestones(job)).toEqual(['attempt', 'retry', 'attempt', 'completed']);
    expect(job.reader.text).toBe('from the other');
    expect((await getJob(sluice.url, job.id)).attempts).toMatchObject([
      { model: 'echo?error_status=503', status: 'failed' },
      { model: 'echo?text=from+the+other', status: 'completed' },
    ]);
  });

  it('they take turns', async () => {
    const texts: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const job = await follow({}, 'both-work');
      await job.end;
      texts.push(job.reader.text);
    }
    expect(texts.join('')).toMatch(/^(ABAB|BABA)$/);
  });
});
