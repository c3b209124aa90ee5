import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lineJobId } from '../../src/core/batch-id.ts';
import { keys } from '../../src/store/keys.ts';
import { call } from '../support/api-client.ts';
import { BatchClient, chatLine, chatLines } from '../support/batch-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { SluiceOptions, SluiceProcess } from '../support/sluice-process.ts';

const MODELS = [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }];

let cluster: Cluster;
let batches: BatchClient;
const begin = async (settings: object = {}): Promise<void> => {
  cluster = await Cluster.start({ model_list: MODELS, general_settings: settings });
  batches = await BatchClient.open(cluster.redis.connectionUrl);
};
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await batches[Symbol.asyncDispose]();
});
const run = (role?: SluiceOptions['role']): Promise<SluiceProcess> => cluster.run(role, { env: batches.env });
const listed = async (list: string, id: string): Promise<boolean> =>
  (await cluster.client.zscore(list, id)) !== null;
const exists = (key: string): Promise<boolean> =>
  eventually(`${key} to be there`, async () => (await cluster.client.exists(key)) === 1);

describe('whoever is there later', () => {
  beforeEach(() => begin());

  test('cancels a batch that was cancelled while no feeder was', async () => {
    const { id } = await batches.create(chatLine('a'));
    expect(await batches.store.batches.cancel(id)).toBe('validating');
    await run('feeder');
    expect(await batches.ended(id)).toMatchObject({ status: 'cancelled', counts: { total: 0 } });
  });

  test('expires a batch whose time was over while no feeder was', async () => {
    const { id } = await batches.create(chatLines(300), { timeout: -1 });
    await run('feeder');
    const batch = await batches.ended(id);
    expect(batch).toMatchObject({ status: 'expired', counts: { total: 300, expired: 300 } });
    const lines = await batches.lines(batch.errorFileId);
    expect(new Set(lines.map(({ custom_id }) => custom_id)).size).toBe(300);
  });

  test('expires lines that no worker came for', { timeout: 60_000 }, async () => {
    const { id } = await batches.create(chatLines(20), { timeout: 2 });
    await run('feeder');
    expect(await batches.ended(id)).toMatchObject({ status: 'expired', counts: { expired: 20 } });
  });

  test('runs the first line again from behind its byte order mark', { timeout: 60_000 }, async () => {
    const { id } = await batches.create(`\ufeff${chatLine('a')}\n`);
    const first = await run('feeder');
    await exists(keys.record(lineJobId(id, 1)));
    first.signal('SIGKILL');
    await first.exited;
    // What it was about to write when it died.
    await cluster.client.unlink(keys.record(lineJobId(id, 1)));
    await run(['worker', 'feeder']);
    expect(await batches.ended(id)).toMatchObject({ counts: { completed: 1, failed: 0 } });
  });
});

test('a settled line whose record is gone before it was gathered is run again', async () => {
  await begin();
  const slow = { text: 'a b c d', delay_ms: 100 };
  const { id } = await batches.create(`${chatLine('slow', slow)}\n${chatLine('lost', slow)}`);
  const feeder = await run('feeder');
  const worker = await run('worker');
  const record = keys.record(lineJobId(id, 2));
  await exists(record);
  feeder.signal('SIGSTOP');
  const settled = async (): Promise<boolean> => (await cluster.client.hget(record, 'status')) === 'completed';
  await eventually('the line to settle', settled);
  await cluster.client.unlink(record, keys.log(lineJobId(id, 2)));
  feeder.signal('SIGCONT');
  expect(await batches.ended(id)).toMatchObject({ status: 'completed', counts: { completed: 2 } });
  expect(worker.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a batch that was listed and never written is dropped', async () => {
  await begin();
  const { id } = await batches.create(chatLine('a'), { kind: 'anthropic' });
  await cluster.client.unlink(keys.batch(id));
  await run('feeder');
  await eventually('it to be dropped', async () => !(await listed(keys.openBatches, id)));
  expect(await listed(keys.batches('anthropic'), id)).toBe(false);
});

test('the window bounds what is in Redis', { timeout: 60_000 }, async () => {
  await begin({ batch_window: 20 });
  const { id } = await batches.create(chatLines(400));
  const line = `sluice:{job_${id.slice('batch_'.length, -5)}*}`;
  await run(['worker', 'feeder']);
  let [most, ended] = [0, false];
  while (!ended) {
    most = Math.max(most, (await cluster.client.keys(line)).length);
    ended = (await batches.get(id)).status === 'completed';
  }
  expect(most).toBeGreaterThan(5);
  expect(most).toBeLessThanOrEqual(40);
  expect((await batches.get(id)).counts.completed).toBe(400);
});

test('a batch goes on where Redis was away, and where its blobs were', { timeout: 90_000 }, async () => {
  await begin({ batch_window: 50 });
  const sluice = await run(['worker', 'feeder']);
  const slow = (index: number): object => ({ text: String(index), delay_ms: 20 });
  const { id } = await batches.create(chatLines(600, slow));
  await batches.until('to have results', id, ({ counts }) => counts.completed > 50);
  await cluster.redis.restart();
  const { counts } = await batches.get(id);
  await batches.until('to go on', id, (batch) => batch.counts.completed > counts.completed);
  const folder = join(batches.folder, 'batches');
  await rename(folder, `${folder}-away`);
  // No folder can be made in its place.
  await writeFile(folder, '');
  await sluice.logged(({ msg }) => msg.startsWith('a batch cannot go on'), 'the feeder to miss them');
  await rm(folder);
  await rename(`${folder}-away`, folder);
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'completed', counts: { completed: 600 } });
  const lines = await batches.lines(batch.outputFileId);
  expect(new Set(lines.map(({ custom_id }) => custom_id)).size).toBe(600);
});

test('results are forgotten after result_ttl, and batches after stored_ttl', {
  timeout: 60_000,
}, async () => {
  await begin({ result_ttl: 2, log_ttl: 1, stored_ttl: 5 });
  const api = await run();
  const { id } = await batches.create(chatLines(3));
  await batches.ended(id);
  const url = `${api.url}/v1/jobs/${lineJobId(id, 1)}`;
  expect((await call('GET', url)).status).toBe(200);
  await eventually('its results to be forgotten', async () => (await call('GET', url)).status === 404);
  expect(await batches.store.batches.get(id)).toMatchObject({ status: 'completed' });
  await eventually('it to be forgotten', async () => (await batches.store.batches.get(id)) === null);
  await eventually('nothing to be left', async () => (await cluster.client.keys(`*${id}*`)).length === 0);
  expect(await listed(keys.batches('openai'), id)).toBe(false);
  expect(await listed(keys.endedBatches, id)).toBe(false);
});
