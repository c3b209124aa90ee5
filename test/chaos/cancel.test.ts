import { afterEach, beforeEach, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { type Answer, call, scripted, submit } from '../support/api-client.ts';
import { Cluster, getJob, textOf } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type JobEvent, JobReader } from '../support/job-reader.ts';
import { openAnswer, textEvent, UPSTREAM_REQUEST, upstreamModel } from '../support/openai-stream.ts';
import { disagreement } from '../support/stored-job.ts';
import { type Exchange, type Step, UpstreamServer } from '../support/upstream-server.ts';

/** Ms from the sending of a cancellation to the close of the upstream socket, in the median. */
const HANG_UP = 100;
/** Ms within which a cancellation is answered whose worker does not react. */
const OVER_A_FROZEN_WORKER = 8000;

let upstream: UpstreamServer;
let cluster: Cluster;
beforeEach(async () => {
  upstream = await UpstreamServer.start();
  const scriptedModel = { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } };
  cluster = await Cluster.start({ model_list: [upstreamModel(upstream.url), scriptedModel] });
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

function cancel(base: string, id: string): Promise<Answer> {
  return call('POST', `${base}/v1/jobs/${id}/cancel`);
}

interface Running {
  readonly id: string;
  readonly reader: JobReader;
  readonly followed: Promise<JobEvent>;
  readonly exchange: Exchange;
}

/** Submits a job for the upstream, and waits until its reader has text. */
async function begin(base: string): Promise<Running> {
  const calls = upstream.exchanges.length;
  const id = await submit(base, UPSTREAM_REQUEST);
  const reader = new JobReader(base, id);
  const followed = reader.follow();
  const exchange = await upstream.received(calls + 1);
  await eventually('text', () => reader.text !== '');
  return { id, reader, followed, exchange };
}

interface Race {
  readonly id: string;
  readonly answer: Answer;
}

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

it('a cancellation in one process hangs up the upstream call of another, while a third streams it', async () => {
  const [streaming, other] = await Promise.all([
    cluster.run('api'),
    cluster.run('api'),
    cluster.run('worker'),
  ]);
  const counted = `data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n`;
  upstream.script(openAnswer(textEvent('partial '), counted, textEvent('text')));
  const took: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const { id, reader, followed, exchange } = await begin(streaming.url);
    await eventually('all of the text', () => reader.text === 'partial text');
    const sent = performance.now();
    const hungUp = exchange.closed.then(() => took.push(performance.now() - sent));
    const answer = await cancel(other.url, id);
    await hungUp;
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'cancelled',
      usage: USAGE,
      error: { code: 'job_cancelled' },
      result: { choices: [{ message: { content: 'partial text' }, finish_reason: null }] },
    });
    expect((await followed).event).toBe('cancelled');
    expect(reader.text).toBe('partial text');
    expect(await disagreement(cluster, id)).toBeNull();

    const again = await cancel(streaming.url, id);
    expect([again.status, again.body]).toEqual([200, answer.body]);
  }
  const [median = Number.NaN, worst = Number.NaN] = [5, 9].map((rank) => took.sort((a, b) => a - b)[rank]);
  console.log(
    `upstream hung up ${median.toFixed(1)} ms after the cancel (median), ${worst.toFixed(1)} (worst)`,
  );
  expect(median).toBeLessThan(HANG_UP);
});

it('a job that finishes just as it is cancelled ends in one way, and the log and the record agree', async () => {
  const apis = await Promise.all([cluster.run('api'), cluster.run('api'), cluster.run('worker')]);
  const deltas = 100;
  const body = scripted({ text: 'abc '.repeat(deltas), deltas, delay_ms: 4 }, 'scripted/echo');
  /** Submits to one process, and cancels in another once the reader has so many deltas of text; below 0: at once. */
  const race = async (moment: number, index: number): Promise<Race> => {
    const [near, far] = index % 2 === 0 ? [apis[0], apis[1]] : [apis[1], apis[0]];
    const id = await submit(near.url, body);
    let answer: Promise<Answer> | undefined = moment < 0 ? cancel(far.url, id) : undefined;
    const reader = new JobReader(near.url, id);
    await reader.follow({
      leave: () => {
        // The first of its deltas is not text.
        if (reader.deltas > moment) answer ??= cancel(far.url, id);
        return false;
      },
    });
    return { id, answer: await (answer ?? cancel(far.url, id)) };
  };
  const ends: Race[] = [];
  for (let round = 0; round < 5; round += 1) {
    // Two as the job is about to begin, one early, one after the end, eight as near to the end as can be.
    const moments = [-1, -1, 1, deltas + 3, ...Array.from({ length: 8 }, (_, index) => deltas - 4 + index)];
    ends.push(...(await Promise.all(moments.map(race))));
  }
  for (const { id, answer } of ends) {
    expect(answer.status).toBe(200);
    expect(await disagreement(cluster, id)).toBeNull();
    expect(await getJob(apis[0].url, id)).toEqual(answer.body);
  }
  const statuses = new Set(ends.map(({ answer }) => answer.body.status));
  expect(statuses).toEqual(new Set(['completed', 'cancelled']));
});

it('a queued job is cancelled at once, without any worker, and stays so when one comes', async () => {
  const api = await cluster.run('api');
  upstream.script(openAnswer(textEvent('never')));
  const id = await submit(api.url, UPSTREAM_REQUEST);
  const answer = await cancel(api.url, id);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ status: 'cancelled', attempts: [], result: null });
  expect(await disagreement(cluster, id)).toBeNull();

  const log = await cluster.log(id);
  await cluster.run('worker');
  const next = await submit(api.url, scripted('done', 'scripted/echo'));
  await new JobReader(api.url, next).follow();
  expect(await cluster.log(id)).toEqual(log);
  expect(upstream.exchanges).toEqual([]);
  // It had not waited in vain for a worker before.
  expect(api.log.filter(({ msg }) => msg.startsWith('no worker took'))).toEqual([]);
});

it('a job whose worker is frozen is cancelled over it, and the worker writes nothing when it wakes', async () => {
  const [api, worker] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
  const steps: Step[] = Array.from({ length: 2000 }, (_, index) => [
    { delay: 10 },
    textEvent(`${index} `),
  ]).flat();
  upstream.script(openAnswer(...steps));
  const { id, followed, exchange } = await begin(api.url);
  worker.signal('SIGSTOP');
  const began = performance.now();
  const answer = await cancel(api.url, id);
  const took = performance.now() - began;
  console.log(`cancelled over a frozen worker after ${Math.round(took)} ms`);
  expect(answer.body.status).toBe('cancelled');
  expect(took).toBeLessThan(OVER_A_FROZEN_WORKER);
  expect((await followed).event).toBe('cancelled');

  const stored = async () => [await cluster.log(id), await cluster.client.hgetall(keys.record(id))];
  const before = await stored();
  worker.signal('SIGCONT');
  await exchange.closed;
  await worker.logged(({ msg, jobId }) => msg === 'attempt lost' && jobId === id, 'the worker to let go');
  expect(await stored()).toEqual(before);
  expect(await disagreement(cluster, id)).toBeNull();
  expect(answer.body.result.choices[0].message.content).toBe(textOf(await cluster.log(id)));
});
