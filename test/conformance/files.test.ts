import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DiskBlobs } from '../../src/blobs/disk-blobs.ts';
import type { StoredFile } from '../../src/core/stored-file.ts';
import { type AboutFile, blobKey, Files } from '../../src/files/files.ts';
import { Uploads } from '../../src/files/uploads.ts';
import { createLogger } from '../../src/log.ts';
import { keys } from '../../src/store/keys.ts';
import { FileSweeper } from '../../src/worker/file-sweeper.ts';
import { sharedStore } from '../support/stores.ts';

const shared = sharedStore();
const folder = join(tmpdir(), `sluice-files-${randomUUID()}`);
const blobs = new DiskBlobs(folder);
const TWO_DAYS = 2 * 86_400_000;
let files: Files;
let uploads: Uploads;
let sweeper: FileSweeper;

beforeAll(() => {
  files = new Files(shared.store.files, blobs);
  uploads = new Uploads(shared.store.uploads, files);
  sweeper = new FileSweeper(shared.store, files, createLogger('silent'));
});

beforeEach(async () => {
  await shared.store.redis.flushall();
  await rm(folder, { recursive: true, force: true });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const create = (changes: Partial<AboutFile> = {}): Promise<StoredFile> =>
  files.create(content('text'), { filename: 'x.txt', purpose: 'evals', expiresAt: null, ...changes });
const list = async (purpose: StoredFile['purpose'] | null = null): Promise<string[]> =>
  (await files.store.list({ purpose, order: 'asc', after: null, limit: 100 })).files.map(({ id }) => id);
/** Everything that Redis has of files and uploads, but for when blobs were last looked through. */
const inRedis = async (): Promise<string[]> =>
  (await shared.store.redis.keys('*')).filter((key) => key !== keys.blobsSwept).sort();
const onDisk = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((path) => /(file-|part_)[^/]*$/.test(path));
/** Makes a blob as old as those that nobody will name any more; it is looked for at once. */
const age = async (key: string): Promise<void> => {
  const then = new Date(Date.now() - TWO_DAYS);
  await utimes(join(folder, key), then, then);
  await shared.store.redis.del(keys.blobsSwept);
};
/** Lets a file or an upload expire. */
const expire = async (id: string): Promise<void> => {
  const past = Date.now() - 1;
  const { redis } = shared.store;
  if (id.startsWith('file-')) {
    const file = JSON.parse((await redis.get(keys.file(id))) ?? '');
    await redis.set(keys.file(id), JSON.stringify({ ...file, expiresAt: past }));
    await redis.zadd(keys.filesDue, past, id);
  } else {
    await redis.zadd(keys.uploadsDue, past, id);
  }
};

describe('the sweep', () => {
  test('removes files that have expired, and no others', async () => {
    const [kept, gone] = [await create(), await create({ expiresAt: Date.now() + 60_000 })];
    const later = await create({ expiresAt: Date.now() + 60_000 });
    expect(await list()).toEqual([kept.id, gone.id, later.id]);
    await expire(gone.id);
    expect([await list(), await files.store.get(gone.id), await files.read(gone.id)]).toEqual([
      [kept.id, later.id],
      null,
      null,
    ]);
    expect(await files.delete(gone.id)).toBe(false);
    await sweeper.round();
    expect((await onDisk()).sort()).toEqual([blobKey(kept.id), blobKey(later.id)].sort());
    expect(await shared.store.redis.exists(keys.file(gone.id))).toBe(0);
    expect(await shared.store.redis.zrange(keys.filesDue, '0', '-1')).toEqual([later.id]);
    expect(await shared.store.redis.zcard(keys.filesOf('evals'))).toBe(2);
  });

  test('removes them by the hundreds', async () => {
    for (let index = 0; index < 250; index += 1) await expire((await create({ expiresAt: 1 })).id);
    await sweeper.round();
    expect([await inRedis(), await onDisk()]).toEqual([[], []]);
  });

  test('removes the bytes of one who died before the record was written', async () => {
    await files.receive(content('abandoned'));
    const [key = ''] = await onDisk();
    await sweeper.round();
    expect(await onDisk()).toEqual([key]);
    await age(key);
    const kept = await create();
    await age(blobKey(kept.id));
    await sweeper.round();
    expect(await onDisk()).toEqual([blobKey(kept.id)]);
    const read = await files.read(kept.id);
    expect(read && (await text(read))).toBe('text');
  });

  test('removes what is left of one who died while writing the record, or while deleting', async () => {
    const { id } = await create({ expiresAt: Date.now() + 60_000 });
    await shared.store.redis.del(keys.file(id));
    expect([await list(), await list('evals')]).toEqual([[], []]);
    await age(blobKey(id));
    await sweeper.round();
    expect([await inRedis(), await onDisk()]).toEqual([[], []]);
  });

  test('looks through the blobs now and then, and one of all processes does', async () => {
    await sweeper.round();
    await files.receive(content('abandoned'));
    const [key = ''] = await onDisk();
    const then = new Date(Date.now() - TWO_DAYS);
    await utimes(join(folder, key), then, then);
    await sweeper.round();
    expect(await onDisk()).toEqual([key]);
    expect(await shared.store.redis.pttl(keys.blobsSwept)).toBeGreaterThan(3_600_000);
  });

  test('removes what a writer who was killed has left, and folders that nothing is in', async () => {
    await blobs.write('uploads/upload_x/part_y', content('x'));
    const unfinished = join('uploads', 'upload_x', 'part_z.0.part');
    await blobs.write('uploads/upload_x/part_w', content('x'));
    await rm(join(folder, 'uploads/upload_x/part_w'));
    await blobs.write('uploads/upload_v/part_y', content('x'));
    await rename(join(folder, 'uploads/upload_x/part_y'), join(folder, unfinished));
    await age(unfinished);
    await sweeper.round();
    expect(await readdir(join(folder, 'uploads/upload_x'))).toEqual([]);
    await age('uploads/upload_x');
    await sweeper.round();
    expect(await readdir(join(folder, 'uploads'))).toEqual(['upload_v']);
  });
});

describe('the sweep of uploads', () => {
  const begin = () => uploads.create({ filename: 'x.txt', purpose: 'evals', bytes: 1, life: null });
  const add = async (id: string): Promise<string> => (await uploads.receivePart(id, content('x'))).keep();

  test('removes the parts of one that has expired', async () => {
    const [left, running] = [await begin(), await begin()];
    await add(left.id);
    const part = await add(running.id);
    await expire(left.id);
    await sweeper.round();
    expect(await onDisk()).toEqual([`uploads/${running.id}/${part}`]);
    expect(await shared.store.redis.zrange(keys.uploadsDue, '0', '-1')).toEqual([running.id]);
    // It can be looked at for a while.
    expect(await shared.store.redis.pttl(keys.upload(left.id))).toBeGreaterThan(3_600_000);
  });

  test('writes the record of a file whose maker died before that', async () => {
    const { id } = await begin();
    const { file } = await uploads.complete(id, [await add(id)], null);
    const fileId = file?.id ?? '';
    await shared.store.redis.del(keys.file(fileId));
    await shared.store.redis.hset(keys.upload(id), 'unwritten', '1');
    await expire(id);
    await sweeper.round();
    expect(await files.store.get(fileId)).toEqual(file);
  });

  test('does not bring back a file that its client has deleted', async () => {
    const { id } = await begin();
    const { file } = await uploads.complete(id, [await add(id)], null);
    await files.delete(file?.id ?? '');
    await expire(id);
    await sweeper.round();
    expect([await list(), await onDisk()]).toEqual([[], []]);
  });

  test('removes parts that no upload has', async () => {
    const { id } = await begin();
    const part = await uploads.receivePart(id, content('x'));
    await shared.store.redis.del(keys.upload(id), keys.uploadsDue);
    await expect(part.keep()).rejects.toMatchObject({ code: 'upload_not_found' });
    await blobs.write(`uploads/${id}/part_left`, content('x'));
    await age(`uploads/${id}/part_left`);
    await sweeper.round();
    expect(await onDisk()).toEqual([]);
  });
});

test('lists skip what is gone, however much it is', async () => {
  const kept = await create();
  const pipeline = shared.store.redis.pipeline();
  for (let index = 0; index < 2000; index += 1) {
    pipeline.zadd(keys.files, 0, `file-f${String(index).padStart(31, '0')}`);
  }
  await pipeline.exec();
  const last = await create();
  for (const order of ['asc', 'desc'] as const) {
    const page = await files.store.list({ purpose: null, order, after: null, limit: 1 });
    expect([page.files.map(({ id }) => id), page.more]).toEqual([
      [order === 'asc' ? kept.id : last.id],
      true,
    ]);
  }
});
