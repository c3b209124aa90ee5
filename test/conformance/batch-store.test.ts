import { describe, expect, it } from 'vitest';
import type { BatchSpec, LineStatus } from '../../src/core/batch.ts';
import { newBatchId } from '../../src/core/batch-id.ts';
import { BatchFenced } from '../../src/store/batches/batch-feed.ts';
import { placeIn } from '../../src/store/batches/place.ts';
import { keys } from '../../src/store/keys.ts';
import { sharedStore } from '../support/stores.ts';

const shared = sharedStore();

const START = { line: 0, offset: 0 };
const LINES = [1, 2, 3].map((line) => ({ line, offset: 10 * (line - 1), length: 9 }));
const NEXT = { line: 3, offset: 30 };

async function create(changes: Partial<BatchSpec> = {}): Promise<string> {
  const now = Date.now();
  const spec: BatchSpec = {
    id: newBatchId(),
    kind: 'openai',
    endpoint: '/v1/chat/completions',
    inputFileId: 'file-1',
    metadata: null,
    outputExpiresAfter: null,
    dedupe: false,
    retryOf: null,
    webhook: null,
    createdAt: now,
    expiresAt: now + 60_000,
    ...changes,
  };
  await shared.store.batches.create(spec);
  return spec.id;
}

async function claim(id: string): Promise<number> {
  const claimed = await shared.store.feed.claim(id);
  if (claimed === null || claimed === 'ended') throw new Error(`the claim met: ${claimed}`);
  return claimed.epoch;
}

/** A batch that runs, with three lines in its window; and the epoch of its feeder. */
async function running(): Promise<{ id: string; epoch: number }> {
  const id = await create();
  const epoch = await claim(id);
  await shared.store.feed.move(id, epoch, 'in_progress', { total: 3 });
  await shared.store.feed.feed(id, epoch, START, NEXT, LINES);
  return { id, epoch };
}

const commit = (
  id: string,
  epoch: number,
  lines: readonly number[],
  number = 1,
  status: LineStatus = 'completed',
): Promise<void> =>
  shared.store.feed.commit(
    id,
    epoch,
    number,
    { key: `${epoch}-${number}`, after: 0, lines: lines.length },
    { [status]: lines.length, cost: 0.5 },
    lines.map((line) => ({ line, status })),
  );

/** Everything that Redis holds of a batch. */
async function held(id: string): Promise<unknown> {
  const { redis, batches } = shared.store;
  return {
    record: await redis.hgetall(keys.batch(id)),
    window: await redis.hgetall(keys.window(id)),
    segments: await batches.segments(id),
    places: (await batches.places(id)).toString('hex'),
  };
}

describe('claim', () => {
  it('gives each feeder a later epoch and the cursor, and nothing of what is not there or has ended', async () => {
    const { id, epoch } = await running();
    expect(await shared.store.feed.claim(id)).toEqual({ epoch: epoch + 1, cursor: NEXT });
    await shared.store.feed.move(id, epoch + 1, 'completed');
    const before = await held(id);
    expect(await shared.store.feed.claim(id)).toBe('ended');
    expect(await shared.store.feed.claim(newBatchId())).toBeNull();
    expect(await held(id)).toEqual(before);
  });
});

describe('a feeder that another one has shut out', () => {
  const steps: [string, (id: string, epoch: number) => Promise<unknown>][] = [
    ['move', (id, epoch) => shared.store.feed.move(id, epoch, 'finalizing', { model: 'm' })],
    ['feed', (id, epoch) => shared.store.feed.feed(id, epoch, NEXT, { line: 4, offset: 40 }, LINES)],
    ['feed what was fed', (id, epoch) => shared.store.feed.feed(id, epoch, START, NEXT, LINES)],
    ['commit', (id, epoch) => commit(id, epoch, [1])],
    ['renew', (id, epoch) => shared.store.feed.renew(id, epoch)],
    ['check', (id, epoch) => shared.store.feed.check(id, epoch)],
  ];

  it.each(steps)('cannot %s', async (_, step) => {
    const { id, epoch } = await running();
    await claim(id);
    const [before, lease] = [await held(id), await shared.store.redis.zscore(keys.openBatches, id)];
    await expect(step(id, epoch)).rejects.toThrow(BatchFenced);
    expect(await held(id)).toEqual(before);
    expect(await shared.store.redis.zscore(keys.openBatches, id)).toBe(lease);
  });
});

describe('a step that is sent twice', () => {
  const steps: [string, (id: string, epoch: number) => Promise<unknown>][] = [
    ['move', (id, epoch) => shared.store.feed.move(id, epoch, 'finalizing', { model: 'm' })],
    ['feed', (id, epoch) => shared.store.feed.feed(id, epoch, NEXT, { line: 4, offset: 40 }, [])],
    ['commit', (id, epoch) => commit(id, epoch, [1, 3])],
    ['cancel', (id) => shared.store.batches.cancel(id)],
  ];

  it.each(steps)('%s changes nothing the second time', async (_, step) => {
    const { id, epoch } = await running();
    const untouched = await held(id);
    await step(id, epoch);
    const before = await held(id);
    expect(before).not.toEqual(untouched);
    await step(id, epoch);
    expect(await held(id)).toEqual(before);
  });
});

describe('commit', () => {
  it('takes lines from the window, counts them, and notes where they are', async () => {
    const { id, epoch } = await running();
    await commit(id, epoch, [3, 1], 1, 'completed');
    await commit(id, epoch, [2], 2, 'failed');
    const batch = await shared.store.batches.get(id);
    expect(batch).toMatchObject({ counts: { completed: 2, failed: 1 }, cost: 1 });
    expect(await shared.store.feed.window(id)).toEqual([]);
    const table = await shared.store.batches.places(id);
    expect([1, 2, 3, 4].map((line) => placeIn(table, line))).toEqual([
      { status: 'completed', segment: 1 },
      { status: 'failed', segment: 2 },
      { status: 'completed', segment: 1 },
      null,
    ]);
    expect(await shared.store.batches.place(id, 2)).toEqual({ status: 'failed', segment: 2 });
    expect(await shared.store.batches.place(id, 4)).toBeNull();
    expect(await shared.store.batches.segment(id, 2)).toMatchObject({ key: `${epoch}-2` });
    expect(await shared.store.batches.segments(id, 1)).toHaveLength(1);
  });

  it('refuses a line that has a result, with all that came with it', async () => {
    const { id, epoch } = await running();
    await commit(id, epoch, [2]);
    const before = await held(id);
    await expect(commit(id, epoch, [1, 2, 3], 2)).rejects.toThrow('second result');
    expect(await held(id)).toEqual(before);
  });

  it.each([1, 3])('refuses segment %i where another one or none comes before', async (number) => {
    const { id, epoch } = await running();
    await commit(id, epoch, [1]);
    const before = await held(id);
    await expect(commit(id, epoch, [2, 3], number)).rejects.toThrow(BatchFenced);
    expect(await held(id)).toEqual(before);
  });
});

describe('cancel', () => {
  it.each(['in_progress', 'finalizing'] as const)('keeps the batch from moving to %s', async (status) => {
    const { id, epoch } = await running();
    expect(await shared.store.batches.cancel(id)).toBe('in_progress');
    const before = await held(id);
    expect(await shared.store.feed.move(id, epoch, status, { model: 'm' })).toBe(false);
    expect(await held(id)).toEqual(before);
    expect(await shared.store.feed.move(id, epoch, 'cancelled')).toBe(true);
  });

  it.each(['finalizing', 'completed', 'failed', 'expired', 'cancelled'] as const)(
    'comes too late for one that is %s',
    async (status) => {
      const { id, epoch } = await running();
      await shared.store.feed.move(id, epoch, status);
      const before = await held(id);
      expect(await shared.store.batches.cancel(id)).toBe(status);
      expect(await held(id)).toEqual(before);
    },
  );

  it('of what is not there is null', async () => {
    expect(await shared.store.batches.cancel(newBatchId())).toBeNull();
  });
});

describe('the lists', () => {
  it('hand an open batch to one feeder, until it is closed', async () => {
    const id = await create();
    const both = await Promise.all([shared.store.feed.take(100), shared.reader.feed.take(100)]);
    expect(both.flat().filter((each) => each === id)).toEqual([id]);
    await shared.store.feed.handBack(id, Date.now() - 1);
    expect(await shared.store.feed.take(100)).toContain(id);
    await shared.store.feed.close(id, Date.now() - 1);
    await shared.store.feed.handBack(id, 0);
    expect(await shared.store.feed.take(100)).not.toContain(id);
    expect(await shared.store.feed.takeEnded(Date.now() + 60_000, 100)).toContain(id);
    expect(await shared.store.feed.takeEnded(Date.now() + 60_000, 100)).not.toContain(id);
  });

  it('show pages newest first, in both directions', async () => {
    const ids: string[] = [];
    for (let index = 1; index <= 5; index += 1) {
      // Those of one millisecond are in no order.
      const id = `batch_${index}${newBatchId().slice('batch_'.length + 1)}`;
      ids.unshift(await create({ id, kind: 'anthropic' }));
    }
    const page = async (after: string | null, before: string | null): Promise<[string[], boolean]> => {
      const terms = { kind: 'anthropic', after, before, limit: 2 } as const;
      const { batches, more } = await shared.store.batches.list(terms);
      return [batches.map(({ id }) => id), more];
    };
    expect(await page(null, null)).toEqual([ids.slice(0, 2), true]);
    expect(await page(ids[2] ?? '', null)).toEqual([ids.slice(3), false]);
    expect(await page(null, ids[3] ?? '')).toEqual([ids.slice(1, 3), true]);
    expect(await page(null, ids[2] ?? '')).toEqual([ids.slice(0, 2), false]);
  });

  it('forget a batch that is deleted, and one that never came to be', async () => {
    const { id, epoch } = await running();
    await commit(id, epoch, [1, 2, 3]);
    await shared.store.feed.close(id, 0);
    await shared.store.batches.delete({ id, kind: 'openai' });
    expect(await shared.store.redis.keys(`*${id}*`)).toEqual([]);
    expect(await shared.store.feed.takeEnded(Date.now() + 60_000, 100)).not.toContain(id);
    const lost = await create();
    await shared.store.redis.unlink(keys.batch(lost));
    await shared.store.feed.drop(lost);
    for (const list of [keys.openBatches, keys.batches('openai')]) {
      expect(await shared.store.redis.zscore(list, lost)).toBeNull();
    }
  });
});

describe('create', () => {
  it('leaves a batch as it is that another request has made', async () => {
    const { id, epoch } = await running();
    const before = await held(id);
    const spec = JSON.parse((await shared.store.redis.hget(keys.batch(id), 'spec')) ?? '');
    expect(await shared.store.batches.create({ ...spec, inputFileId: 'file-2' })).toBe(false);
    expect(await held(id)).toEqual(before);
    await shared.store.feed.check(id, epoch);
  });

  it('can be sent twice', async () => {
    const id = await create();
    const spec = JSON.parse((await shared.store.redis.hget(keys.batch(id), 'spec')) ?? '');
    expect(await shared.store.batches.create(spec)).toBe(true);
  });
});
