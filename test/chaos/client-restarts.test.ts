import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sluice } from '../../src/client/index.ts';
import { Cluster } from '../support/cluster.ts';
import { endOf, startCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const KILLS = 6;
const READERS = 5;
const DELTAS = 400;
const TEXT = Array.from({ length: DELTAS }, (_, index) => `${index} läuft ✓\n`).join('');

const seed = chooseSeed();
const random = seededRandom(seed);

let cluster: Cluster;
/** Of the API, which comes back where it was. */
let port: string;
let api: SluiceProcess;

beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_lost_attempts: 100 },
  });
  port = String(await freePort());
  api = await startApi();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const startApi = () => cluster.run('api', { env: { PORT: port } });
const client = () => new Sluice({ baseURL: `http://127.0.0.1:${port}`, apiKey: null });
const request = {
  body: {
    model: 'scripted/echo',
    messages: [{ role: 'user' as const, content: 'go' }],
    mock_response: { text: TEXT, deltas: DELTAS, delay_ms: 10 },
  },
};

/** What one reader has: each delta's offset, and the text, which an attempt boundary empties. */
class Reader {
  readonly offsets: string[] = [];
  text = '';
  readonly done: Promise<void>;

  constructor(jobId: string) {
    this.done = this.#follow(jobId);
    this.done.catch(() => {});
  }

  async #follow(jobId: string): Promise<void> {
    const stream = client().jobs.stream(jobId, { onAttempt: () => this.#begin() });
    for await (const { offset, text } of stream) {
      this.offsets.push(offset);
      this.text += text;
    }
  }

  #begin(): void {
    this.text = '';
  }
}

it(`killing and restarting the server under streams costs no delta, seed ${seed}`, async () => {
  const worker = await cluster.run('worker');
  const job = await client().jobs.submit(request);
  const readers = Array.from({ length: READERS }, () => new Reader(job.id));
  const [first] = readers;
  const command = startCommand(['tail', job.id, '--base-url', `http://127.0.0.1:${port}`]);
  const printed = endOf(command);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const moment = Math.floor(((kill - random()) * DELTAS) / (KILLS + 1));
    await eventually('the moment of the next kill', () => Number(first?.offsets.length) >= moment);
    api.signal(kill % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
    await api.exited;
    api = await startApi();
  }
  await Promise.all(readers.map(({ done }) => done));
  for (const { text, offsets } of readers) {
    expect(text).toBe(TEXT);
    // The choice begins, then the text, then finish and usage: each once, in order, of one attempt.
    expect(offsets).toEqual(Array.from({ length: DELTAS + 3 }, (_, index) => `1-${index + 1}`));
  }
  expect(await printed).toEqual({ code: 0, stdout: TEXT, stderr: '' });
  worker.signal('SIGTERM');
  await worker.exited;
});

it(`killing workers as well is told as attempt boundaries, seed ${seed}`, async () => {
  const first = await cluster.run('worker');
  const job = await client().jobs.submit(request);
  const reader = new Reader(job.id);
  const [naive, result] = [job.stream(), job.result()];
  const naiveEnd = (async () => {
    for await (const _ of naive);
  })();
  naiveEnd.catch(() => {});
  await eventually('some text', () => reader.offsets.length > DELTAS / 4);
  first.signal('SIGKILL');
  api.signal('SIGKILL');
  await Promise.all([first.exited, api.exited]);
  [api] = await Promise.all([startApi(), cluster.run('worker')]);
  await reader.done;
  expect(reader.text).toBe(TEXT);
  expect((await result).choices[0]?.message.content).toBe(TEXT);
  expect(new Set(reader.offsets).size).toBe(reader.offsets.length);
  expect(reader.offsets.at(-1)).toBe(`2-${DELTAS + 3}`);
  await expect(naiveEnd).rejects.toMatchObject({ name: 'AttemptInterruptedError', jobId: job.id });
});
