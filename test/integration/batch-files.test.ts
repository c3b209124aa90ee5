import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeResults, segmentKey } from '../../src/batches/segments.ts';
import { DEFAULT_LIMITS } from '../../src/config/defaults.ts';
import type { LineResult } from '../../src/core/batch.ts';
import { SluiceError } from '../../src/core/errors.ts';
import { writeResultFiles } from '../../src/feeder/finalization.ts';
import { BatchFenced } from '../../src/store/batches/batch-feed.ts';
import { BatchClient, chatLines } from '../support/batch-client.ts';
import { startRedis, type TestRedis } from '../support/redis-server.ts';

let redis: TestRedis;
let batches: BatchClient;
beforeAll(async () => {
  redis = await startRedis();
  batches = await BatchClient.open(redis.connectionUrl);
});
afterAll(async () => {
  await batches[Symbol.asyncDispose]();
  await redis.stop();
});

const REFUSED: LineResult = {
  line: 1,
  customId: '0',
  status: 'failed',
  record: null,
  refusal: { status: 400, error: new SluiceError('invalid_value', 'No.').body },
};

/** A batch whose only line has its result, and whose files are to be written; and the epoch of its feeder. */
async function finished(): Promise<{ id: string; epoch: number }> {
  const { feed } = batches.store;
  const { id } = await batches.create(chatLines(1));
  const claimed = await feed.claim(id);
  if (claimed === null || claimed === 'ended') throw new Error(`the claim met: ${claimed}`);
  const { epoch } = claimed;
  await feed.move(id, epoch, 'in_progress', { total: 1 });
  const place = { line: 1, offset: 0, length: 10 };
  await feed.feed(id, epoch, { line: 0, offset: 0 }, { line: 1, offset: 11 }, [place]);
  const key = segmentKey(id, epoch, 1);
  await batches.files.blobs.write(key, encodeResults([REFUSED]));
  await feed.commit(id, epoch, 1, { key, after: 0, lines: 1 }, { failed: 1 }, [REFUSED]);
  return { id, epoch };
}

async function write(id: string, epoch: number) {
  const parts = { ...batches, store: batches.store, config: { limits: DEFAULT_LIMITS } };
  return writeResultFiles(parts, { ...(await batches.get(id)), epoch });
}

test('the files of a batch have the same ids whoever writes them', async () => {
  const { id, epoch } = await finished();
  const first = await write(id, epoch);
  expect(await batches.lines(first.errorFileId)).toMatchObject([{ custom_id: '0' }]);
  expect(await write(id, epoch)).toEqual(first);
});

test('a feeder that has been shut out does not bring back the files of a batch', async () => {
  const { id, epoch } = await finished();
  await batches.store.feed.claim(id);
  const { errorFileId } = await write(id, epoch + 1);
  await batches.files.delete(errorFileId ?? '');
  await expect(write(id, epoch)).rejects.toThrow(BatchFenced);
  expect(await batches.files.store.get(errorFileId ?? '')).toBeNull();
});
