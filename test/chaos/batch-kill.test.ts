import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import { keys } from '../../src/store/keys.ts';
import { BatchClient, chatLine, chatLines } from '../support/batch-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import type { Role, SluiceProcess } from '../support/sluice-process.ts';

const LINES = 5000;
const KILLS = 6;
const ROLES: readonly Role[] = ['api', 'worker', 'worker', 'feeder', 'feeder'];

const seed = chooseSeed();
const random = seededRandom(seed);
const below = (most: number): number => Math.floor(random() * most);

let cluster: Cluster;
let batches: BatchClient;
beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_lost_attempts: 100, batch_window: 400 },
  });
  batches = await BatchClient.open(cluster.redis.connectionUrl);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await batches[Symbol.asyncDispose]();
});

const run = (role: Role): Promise<SluiceProcess> => cluster.run(role, { env: batches.env });
const finished = ({ counts }: Batch): number => counts.completed + counts.failed;

/** Each line has one result, in the files and in the segments; its text is its custom id. */
async function expectEveryLineOnce(batch: Batch, count: number): Promise<void> {
  expect(batch).toMatchObject({ status: 'completed', counts: { total: count, completed: count, failed: 0 } });
  const lines = await batches.lines(batch.outputFileId);
  expect(lines.length).toBe(count);
  expect(new Set(lines.map((line) => line.custom_id)).size).toBe(count);
  const wrong = lines.filter((line) => line.response.body.choices[0].message.content !== line.custom_id);
  expect(wrong).toEqual([]);
  const kept = await Array.fromAsync(batches.results.read(batch.id), ({ line }) => line);
  expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
}

it(`no line is lost or doubled by killing processes ${KILLS} times, seed ${seed}`, {
  timeout: 180_000,
}, async () => {
  const running = await Promise.all(ROLES.map(run));
  const { id } = await batches.create(chatLines(LINES));
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const moment = Math.floor(((kill - random()) * LINES) / (KILLS + 1));
    await batches.until('to come to the next kill', id, (batch) => finished(batch) >= moment);
    // The feeders in turn with the others: only one of them has the batch.
    const victim = kill % 2 === 0 ? below(3) : 3 + below(2);
    running[victim]?.signal('SIGKILL');
    running[victim] = await run(ROLES[victim] ?? 'worker');
  }
  await expectEveryLineOnce(await batches.ended(id, 120_000), LINES);
  expect(await cluster.client.exists(keys.window(id))).toBe(0);
});

it('a feeder that was frozen past its lease writes nothing, and no line runs twice because of it', {
  timeout: 120_000,
}, async () => {
  const own = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { batch_window: 50 },
  });
  const client = await BatchClient.open(own.redis.connectionUrl);
  try {
    const options = { env: client.env };
    const [frozen] = await Promise.all([own.run('feeder', options), own.run('worker', options)]);
    const { id } = await client.create(chatLines(600, (index) => ({ text: String(index), delay_ms: 20 })));
    await client.until('to have results', id, (batch) => finished(batch) > 50);
    frozen.signal('SIGSTOP');
    const other = await own.run('feeder', options);
    const before = Number(await own.client.hget(keys.batch(id), 'epoch'));
    await eventually('the other feeder to have it', async () => {
      return Number(await own.client.hget(keys.batch(id), 'epoch')) > before;
    });
    frozen.signal('SIGCONT');
    await frozen.logged(({ msg }) => msg === 'another feeder has taken the batch', 'it to be shut out');
    const batch = await client.ended(id);
    expect(batch.counts).toMatchObject({ total: 600, completed: 600, failed: 0 });
    const results = await Array.fromAsync(client.results.read(id));
    expect(new Set(results.map(({ line }) => line)).size).toBe(600);
    expect(results.length).toBe(600);
    expect(results.filter(({ record }) => record?.epoch !== '1')).toEqual([]);
    expect(other.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(frozen.log.filter(({ level }) => level === 'error')).toEqual([]);
  } finally {
    await own[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  }
});

it('a feeder that is told to stop hands its batch to another at once', { timeout: 60_000 }, async () => {
  const own = await Cluster.start();
  const client = await BatchClient.open(own.redis.connectionUrl);
  try {
    const options = { env: client.env };
    const leaving = await own.run('feeder', options);
    const { id } = await client.create(chatLine('waits'));
    await eventually('the line to be fed', async () => (await own.client.hlen(keys.window(id))) === 1);
    leaving.signal('SIGTERM');
    expect(await leaving.exited).toBe(0);
    expect(Number(await own.client.zscore(keys.openBatches, id))).toBeLessThanOrEqual(Date.now());
    await Promise.all([own.run('feeder', options), own.run('worker', options)]);
    expect((await client.ended(id)).counts).toMatchObject({ total: 1, completed: 1 });
  } finally {
    await own[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  }
});
