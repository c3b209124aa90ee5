import { afterAll, beforeAll, expect, test } from 'vitest';
import { BatchClient, chatLines } from '../support/batch-client.ts';
import { Cluster } from '../support/cluster.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

let cluster: Cluster;
let batches: BatchClient;
let sluice: SluiceProcess;
beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { batch_window: 20 },
  });
  batches = await BatchClient.open(cluster.redis.connectionUrl);
  sluice = await cluster.run(undefined, { env: batches.env });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await batches[Symbol.asyncDispose]();
});

test('a small batch ends long before a large one that began before it', async () => {
  const slow = (index: number): object => ({ text: String(index), delay_ms: 50 });
  const large = await batches.create(chatLines(1000, slow));
  await batches.until('to have results', large.id, ({ counts }) => counts.completed > 0);
  const small = await batches.create(chatLines(30, slow));
  expect((await batches.ended(small.id)).counts.completed).toBe(30);
  expect((await batches.get(large.id)).counts.completed).toBeLessThan(500);
  await batches.store.batches.cancel(large.id);
  await batches.ended(large.id);
  expect(sluice.log.filter(({ level }) => level === 'error')).toEqual([]);
});
