import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scripted, submit } from '../support/api-client.ts';
import { Cluster, count, type Followed, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { JobReader } from '../support/job-reader.ts';
import { textEvent, UPSTREAM_REQUEST, upstreamModel, wholeAnswer } from '../support/openai-stream.ts';
import { type SluiceProcess, startSluice } from '../support/sluice-process.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const JOBS = 50;
const TEXT = Array.from({ length: 60 }, (_, index) => `word${index} `).join('');

const SCRIPTED = { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } };

let upstream: UpstreamServer;

beforeEach(async () => {
  upstream = await UpstreamServer.start();
});
afterEach(() => upstream.stop());

/** A failed attempt is never repeated here, so a job that completes has had none. */
function config(drain_grace: number): object {
  return {
    model_list: [SCRIPTED, upstreamModel(upstream.url)],
    general_settings: { drain_grace },
    router_settings: { num_retries: 0 },
  };
}

/** Half of them stream when they are interrupted, half are silent; neither first attempt ends by itself. */
function interruptible(index: number): object {
  const pace = index % 2 === 0 ? { delay_ms: 50, hang_after: 55 } : { hang_after: 5 };
  return scripted({ text: TEXT, fail_attempts: 1, ...pace });
}

async function checkHandedOver(
  cluster: Cluster,
  { id, reader, end }: Followed,
  workers: readonly SluiceProcess[],
): Promise<void> {
  expect((await end).event).toBe('completed');
  expect(reader.text).toBe(TEXT);
  const kinds = reader.events.filter(({ event }) => event !== 'delta').map(({ event }) => event);
  expect(kinds).toEqual(['attempt', 'retry', 'attempt', 'completed']);
  const retry = reader.events.find(({ event }) => event === 'retry');
  expect(retry?.data.error.code).toBe('worker_draining');
  expect(await cluster.attempts(id)).toMatchObject([
    { worker: expect.stringMatching(`-${workers[0]?.pid}$`), status: 'handed_over' },
    { worker: expect.stringMatching(`-${workers[1]?.pid}$`), status: 'completed' },
  ]);
  expect(count(await cluster.log(id), 'end')).toBe(1);
}

it(`${JOBS} running jobs go on elsewhere, and no attempt counts as failed`, async () => {
  await using cluster = await Cluster.start(config(0));
  const api = await cluster.run('api');
  const leaving = await cluster.run('worker');
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, async (_, index) => {
      return cluster.follow(api.url, await submit(api.url, interruptible(index)));
    }),
  );
  const staying = await cluster.run('worker');
  await eventually('text of every job', () => jobs.every(({ reader }) => reader.deltas > 2));
  leaving.signal('SIGTERM');
  expect(await leaving.exited).toBe(0);
  expect(leaving.log.find(({ msg }) => msg === 'worker draining')?.running).toBe(JOBS);
  for (const job of jobs) {
    await settled(api.url, job.id);
    await checkHandedOver(cluster, job, [leaving, staying]);
  }
});

it('within the grace running jobs end where they run, and no other is begun there', async () => {
  await using cluster = await Cluster.start(config(300));
  const api = await cluster.run('api');
  const leaving = await cluster.run('worker');
  const gate = Promise.withResolvers<void>();
  upstream.script(wholeAnswer(textEvent('first '), gate.promise, textEvent('last')));
  const ids = await Promise.all(Array.from({ length: 5 }, () => submit(api.url, UPSTREAM_REQUEST)));
  const jobs = ids.map((id) => cluster.follow(api.url, id));
  await eventually('text of every job', () => jobs.every(({ reader }) => reader.text === 'first '));
  leaving.signal('SIGTERM');
  await leaving.logged(({ msg }) => msg === 'worker draining', 'the worker to drain');
  // Were running jobs handed over, or new ones taken, it would happen before this one is through elsewhere.
  const late = await submit(api.url, scripted('late'));
  const staying = await cluster.run('worker');
  await settled(api.url, late);
  gate.resolve();
  expect(await leaving.exited).toBe(0);
  for (const { id, reader, end } of jobs) {
    expect((await end).event).toBe('completed');
    expect(reader.text).toBe('first last');
    const worker = expect.stringMatching(`-${leaving.pid}$`);
    expect(await cluster.attempts(id)).toMatchObject([{ worker, status: 'completed' }]);
  }
  const worker = expect.stringMatching(`-${staying.pid}$`);
  expect(await cluster.attempts(late)).toMatchObject([{ worker, status: 'completed' }]);
});

interface ChatStream {
  readonly jobId: string;
  /** All that was sent, once the server has ended the stream in order. */
  readonly body: Promise<string>;
}

async function streamChat(base: string, body: object): Promise<ChatStream> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  expect(response.status).toBe(200);
  return { jobId: response.headers.get('x-sluice-job-id') ?? '', body: response.text() };
}

/** A data folder that outlives the processes which use it. */
async function dataFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-drain-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}

it('a single process ends its streams in order, and its jobs go on when it is back', async () => {
  await using folder = await dataFolder();
  const options = { config: JSON.stringify(config(0)), env: { SLUICE_DATA_DIR: folder.path } };
  await using sluice = await startSluice(options);
  const id = await submit(sluice.url, interruptible(0));
  const reader = new JobReader(sluice.url, id);
  const connection = reader.connect();
  const chat = await streamChat(sluice.url, interruptible(1));
  await eventually('text', () => reader.deltas > 2);
  sluice.signal('SIGTERM');
  // Either rejects if the connection is cut in place of being ended.
  await connection;
  const frames = (await chat.body).trim().split('\n\n');
  expect(await sluice.exited).toBe(0);
  expect(reader.terminal).toBeUndefined();
  const { error } = JSON.parse(frames.at(-1)?.replace('data: ', '') ?? '');
  expect(error.code).toBe('attempt_interrupted');
  expect(error.message).toContain(chat.jobId);

  await using back = await startSluice(options);
  reader.moveTo(back.url);
  expect((await reader.follow()).event).toBe('completed');
  expect(reader.text).toBe(TEXT);
  const job = await settled(back.url, chat.jobId);
  expect(job.result.choices[0].message.content).toBe(TEXT);
  expect(job.attempts).toMatchObject([{ status: 'handed_over' }, { status: 'completed' }]);
});

it('a single process lets a chat stream end within the grace', async () => {
  await using sluice = await startSluice({ config: JSON.stringify(config(300)) });
  // Headers come with the first text, of which there is more for three seconds.
  const chat = await streamChat(sluice.url, scripted({ text: TEXT, delay_ms: 50 }));
  sluice.signal('SIGTERM');
  const frames = (await chat.body).trim().split('\n\n');
  expect(frames.at(-1)).toBe('data: [DONE]');
  const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace('data: ', '')));
  expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(TEXT);
  expect(await sluice.exited).toBe(0);
});
