import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lineJobId, newBatchId } from '../../src/core/batch-id.ts';
import { keys } from '../../src/store/keys.ts';
import { BatchClient, chatLine } from '../support/batch-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';

const WINDOW = 400;

let cluster: Cluster;
let batches: BatchClient;
beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { batch_window: WINDOW },
  });
  batches = await BatchClient.open(cluster.redis.connectionUrl);
  await cluster.run(undefined, { env: batches.env });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await batches[Symbol.asyncDispose]();
});

/** So many lines whose requests have so many bytes each; `delay`: ms until they are answered. */
function largeLines(count: number, bytes: number, delay: number): string {
  const messages = [{ role: 'user', content: 'x'.repeat(bytes) }];
  const mock = { text: 'done', first_delay_ms: delay };
  return Array.from({ length: count }, (_, index) => `${chatLine(String(index), mock, { messages })}\n`).join(
    '',
  );
}

test('records that do not fit into a segment are not read with those that do', async () => {
  const id = newBatchId();
  const jobIds = Array.from({ length: 20 }, (_, index) => lineJobId(id, index + 1));
  const records = new Set(jobIds.map(keys.record));
  await batches.create(largeLines(jobIds.length, 1024 * 1024, 600_000), { id });
  await eventually('all lines to be fed', async () => {
    const statuses = await batches.store.feed.statuses(jobIds);
    return statuses.every((status) => status !== null);
  });
  const redis = new Redis(cluster.redis.connectionUrl);
  const monitor = await redis.monitor();
  const reads: string[] = [];
  monitor.on('monitor', (_time: string, [command = '', key = '']: string[]) => {
    if (command.toLowerCase() === 'hgetall' && records.has(key)) reads.push(key);
  });
  // Then they settle all at once.
  await batches.store.batches.cancel(id);
  expect((await batches.ended(id)).counts).toMatchObject({ total: 20, cancelled: 20 });
  await eventually('each record to have been read', async () => new Set(reads).size === 20);
  expect(reads.length).toBeLessThan(25);
  monitor.disconnect();
  redis.disconnect();
});

test('what is under way of large lines is bounded by its bytes', async () => {
  const lines = 20;
  const { id } = await batches.create(largeLines(lines, 3 * 1024 * 1024, 500));
  expect((await batches.ended(id)).counts).toMatchObject({ total: lines, completed: lines });
  const spans: { from: number; to: number }[] = [];
  for await (const { record } of batches.results.read(id)) {
    spans.push({ from: Number(record?.createdAt), to: Number(record?.finishedAt) });
  }
  const together = spans.map(
    ({ from }) => spans.filter((other) => other.from <= from && from < other.to).length,
  );
  // 400 lines of 64 KB are 25 MB; the last one that was fed may be beyond that.
  expect(Math.max(...together)).toBeLessThanOrEqual(9);
});
