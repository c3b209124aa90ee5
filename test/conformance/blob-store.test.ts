import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BlobStore, BlobsUnavailable } from '../../src/blobs/blob-store.ts';
import { openBlobs } from '../../src/blobs/open-blobs.ts';
import { heldBytes } from '../support/held-bytes.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';

const MB = 1024 * 1024;

/** What {@link openBlobs} reads of a configuration. */
type Settings = Parameters<typeof openBlobs>[0];

let folder: string;
let s3: S3Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-blobs-'));
  s3 = await startS3();
});

afterAll(async () => {
  await s3?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** `count` chunks of 256 KB, none like the one before; `each` is awaited before every one. */
async function* chunks(count: number, each?: (index: number) => unknown): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    await each?.(index);
    yield Buffer.alloc(256 * 1024, String(index));
  }
}

async function* texts(...all: string[]): AsyncGenerator<Uint8Array> {
  for (const text of all) yield Buffer.from(text);
}

async function sha256(content: AsyncIterable<Uint8Array> | null): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content ?? []) hash.update(chunk);
  return hash.digest('hex');
}

describe.each([
  ['disk', (): Settings => ({ storage: null, filesDir: join(folder, 'blobs') })],
  ['s3', (): Settings => ({ storage: s3.settings, filesDir: '/proc/none' })],
] as const)('blobs: %s', (kind, settings) => {
  let blobs: BlobStore;

  beforeAll(async () => {
    blobs = await openBlobs(settings());
  });

  const read = async (key: string, start?: number, end?: number): Promise<string | null> => {
    const found = await blobs.read(key, start, end);
    return found && (await buffer(found)).toString();
  };
  const list = async (prefix: string): Promise<string[]> =>
    (await Array.fromAsync(blobs.list(prefix))).map(({ key }) => key).sort();

  test.each([0, 1, 3000])('%i bytes come back as they were', async (bytes) => {
    const text = 'ü'.repeat(bytes).slice(0, bytes);
    const size = Buffer.byteLength(text);
    expect(await blobs.write(`some/of-${bytes}`, texts(text))).toBe(size);
    expect(await read(`some/of-${bytes}`)).toBe(text);
    const [info] = (await Array.fromAsync(blobs.list('some'))).filter(({ key }) => key.endsWith(`-${bytes}`));
    expect(info).toMatchObject({ key: `some/of-${bytes}`, bytes: size });
    expect(Math.abs(Number(info?.writtenAt) - Date.now())).toBeLessThan(60_000);
  });

  test('what is not there is null, and may be deleted', async () => {
    await blobs.write('none/beside', texts('x'));
    expect(await blobs.read('none/at-all')).toBeNull();
    expect(await blobs.read('none/at-all', 5, 5)).toBeNull();
    await blobs.delete('none/at-all');
    expect(await list('nowhere')).toEqual([]);
  });

  test.each([
    [0, undefined, '0123456789'],
    [3, undefined, '3456789'],
    [3, 5, '34'],
    [0, 2, '01'],
    [9, 100, '9'],
    [10, undefined, ''],
    [50, 60, ''],
    [4, 4, ''],
    [4, 2, ''],
  ])('from %i to %s it is %j', async (start, end, text) => {
    await blobs.write('ranges/ten', texts('01234', '56789'));
    expect(await read('ranges/ten', start, end)).toBe(text);
  });

  test('of nothing, every range is nothing', async () => {
    await blobs.write('ranges/empty', texts());
    expect([await read('ranges/empty', 0), await read('ranges/empty', 2)]).toEqual(['', '']);
  });

  test('is replaced as a whole, also while somebody reads it', async () => {
    await blobs.write('replaced/one', texts('the first'));
    await blobs.write('replaced/one', texts('another'));
    expect(await read('replaced/one')).toBe('another');
  });

  test('is gone once deleted', async () => {
    await blobs.write('deleted/one', texts('x'));
    await blobs.write('deleted/two', texts('y'));
    await blobs.delete('deleted/one');
    expect([await read('deleted/one'), await list('deleted')]).toEqual([null, ['deleted/two']]);
    await blobs.delete('deleted/one');
  });

  test('is listed by its folder, however deep, and by no other', async () => {
    for (const key of ['listed/a', 'listed/deep/b', 'listed/deep/er/c', 'listed2/d']) {
      await blobs.write(key, texts(key));
    }
    expect(await list('listed')).toEqual(['listed/a', 'listed/deep/b', 'listed/deep/er/c']);
    expect(await list('listed/deep')).toEqual(['listed/deep/b', 'listed/deep/er/c']);
  });

  test('a large one comes and goes in pieces, and memory does not grow by it', async () => {
    const COUNT = 512;
    const before = heldBytes();
    let most = 0;
    const look = (index: number): void => {
      if (index % 32 === 31) most = Math.max(most, heldBytes() - before);
    };
    expect(await blobs.write('large/one', chunks(COUNT, look))).toBe(128 * MB);
    const hash = createHash('sha256');
    let pieces = 0;
    for await (const chunk of (await blobs.read('large/one')) ?? []) {
      hash.update(chunk);
      pieces += 1;
      if (pieces % 512 === 0) most = Math.max(most, heldBytes() - before);
    }
    expect(hash.digest('hex')).toBe(await sha256(chunks(COUNT)));
    expect(most).toBeLessThan(48 * MB);
    await blobs.delete('large/one');
  });

  test.each([0, 2, 80])('nothing is kept of content that fails after %i chunks', async (count) => {
    const reason = Object.assign(new Error('the client went away'), { syscall: 'read' });
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(count);
      throw reason;
    }
    await blobs.write('failed/beside', texts('x'));
    await expect(blobs.write(`failed/after-${count}`, failing())).rejects.toBe(reason);
    expect(await blobs.read(`failed/after-${count}`)).toBeNull();
    expect(await list('failed')).toEqual(['failed/beside']);
  });

  test('content that fails leaves what was there before', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(80);
      throw new Error('the client went away');
    }
    await blobs.write('kept/one', texts('as it was'));
    await expect(blobs.write('kept/one', failing())).rejects.toThrow('went away');
    expect(await read('kept/one')).toBe('as it was');
  });

  test('what is being written is not visible', async () => {
    const seen: unknown[] = [];
    const look = async (index: number): Promise<void> => {
      if (index % 40 === 39) seen.push(await blobs.read('written/one'), await list('written'));
    };
    await blobs.write('written/one', chunks(120, look));
    expect(seen).toEqual([null, [], null, [], null, []]);
    expect(await list('written')).toEqual(['written/one']);
  });

  test('nothing is visible of a writer that was killed, and tidying removes what it left', async () => {
    const args = ['--import', './test/support/orphan-guard.ts', 'test/support/blob-writer.ts'];
    const writer = spawn(process.execPath, [...args, JSON.stringify(settings()), 'killed/one'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(writer, 'exit');
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await exited;
    expect([await blobs.read('killed/one'), await list('killed')]).toEqual([null, []]);
    await blobs.tidy(Date.now() + 60_000);
    expect([await blobs.read('killed/one'), await list('killed')]).toEqual([null, []]);
    await blobs.write('killed/one', texts('again'));
    expect(await read('killed/one')).toBe('again');
  });

  test('many are written and read at once', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `many/n-${index}`);
    await Promise.all(keys.map((key) => blobs.write(key, texts(key, '!'))));
    expect(await list('many')).toEqual(keys.toSorted());
    expect(await Promise.all(keys.map((key) => read(key)))).toEqual(keys.map((key) => `${key}!`));
  });

  test.each([
    '',
    '/',
    '..',
    '../x',
    'a/../x',
    '/etc/passwd',
    'a//b',
    'a/',
    '.hidden',
    'A',
    'a\0',
    'a/b.part',
    'ü',
    'a\n',
  ])('the key %j is refused', async (key) => {
    await expect(blobs.write(key, texts('x'))).rejects.toThrow('This is not the key of a blob.');
    await expect(blobs.read(key)).rejects.toThrow('This is not the key of a blob.');
    await expect(blobs.delete(key)).rejects.toThrow('This is not the key of a blob.');
  });

  test('a store that cannot be reached says so from every method', async () => {
    const wall = join(folder, 'wall');
    await writeFile(wall, 'no folder');
    const nowhere = { ...s3.settings, endpoint: 'http://127.0.0.1:9' };
    const lost = await openBlobs(
      kind === 'disk'
        ? { storage: null, filesDir: join(wall, 'blobs') }
        : { storage: nowhere, filesDir: '/proc/none' },
    );
    await expect(lost.write('a/b', texts('x'))).rejects.toThrow(BlobsUnavailable);
    // While there is more to come.
    await expect(lost.write('a/b', chunks(160))).rejects.toThrow(BlobsUnavailable);
    await expect(lost.read('a/b')).rejects.toThrow(BlobsUnavailable);
    await expect(lost.delete('a/b')).rejects.toThrow(BlobsUnavailable);
    await expect(Array.fromAsync(lost.list('a'))).rejects.toThrow(BlobsUnavailable);
  });
});

test('a bucket that does not exist is a store that cannot be reached', async () => {
  const blobs = await openBlobs({ storage: { ...s3.settings, bucket: 'another' }, filesDir: '/proc/none' });
  await expect(blobs.read('a/b')).rejects.toThrow(BlobsUnavailable);
  await expect(blobs.write('a/b', texts('x'))).rejects.toThrow(BlobsUnavailable);
});
