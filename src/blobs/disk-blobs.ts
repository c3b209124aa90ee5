import { randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { mkdir, open, opendir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { type BlobInfo, type BlobStore, checkKey, UNFINISHED, unavailable } from './blob-store.ts';
import { Source } from './source.ts';

/** Prompts and answers: nobody's but the owner's. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Blobs as files of a folder. Processes may share it, also over a network, if renaming is atomic there. */
export class DiskBlobs implements BlobStore {
  readonly #folder: string;

  /** `folder`: an absolute path; made when the first blob is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<number> {
    const path = this.#path(key);
    const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
    const source = new Source(content);
    try {
      await makeFolder(dirname(path));
      await writeWhole(temporary, source);
      await rename(temporary, path);
      await sync(dirname(path));
      return source.bytes;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw source.reason(error, unavailable);
    }
  }

  async read(key: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<Readable | null> {
    const path = this.#path(key);
    const file = await reaching(unlessMissing(open(path, 'r')));
    if (file === null) return null;
    if (end <= start) {
      await file.close();
      return Readable.from([]);
    }
    return createReadStream(path, { fd: file, start, end: end - 1 });
  }

  async delete(key: string): Promise<void> {
    await reaching(rm(this.#path(key), { force: true }));
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    for await (const { path, bytes, writtenAt } of this.#files(this.#path(prefix))) {
      if (!path.endsWith(UNFINISHED)) yield { key: relative(this.#folder, path), bytes, writtenAt };
    }
  }

  async tidy(before: number): Promise<void> {
    // Not the topmost: those are written to all the time.
    for await (const topmost of entriesOf(this.#folder)) {
      if (topmost.isDirectory()) await tidyFolder(join(this.#folder, topmost.name), before);
    }
  }

  /** Every file below a folder. What is removed meanwhile may be missing. */
  async *#files(folder: string): AsyncGenerator<{ path: string; bytes: number; writtenAt: number }> {
    for await (const entry of entriesOf(folder)) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) yield* this.#files(path);
      const found = entry.isFile() ? await reaching(unlessMissing(stat(path))) : null;
      if (found !== null) yield { path, bytes: found.size, writtenAt: found.mtimeMs };
    }
  }

  #path(key: string): string {
    checkKey(key);
    return join(this.#folder, key);
  }
}

/** Removes from a folder what is unfinished, or a folder that nothing is in, and has not changed since `before`. */
async function tidyFolder(folder: string, before: number): Promise<void> {
  for await (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    const found = await reaching(unlessMissing(stat(path)));
    const isOld = found !== null && found.mtimeMs < before;
    if (entry.isDirectory()) await tidyFolder(path, before);
    // One that has something in it refuses.
    if (isOld && entry.isDirectory()) await rmdir(path).catch(() => {});
    if (isOld && entry.name.endsWith(UNFINISHED)) await reaching(rm(path, { force: true }));
  }
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  const entries = await reaching(unlessMissing(opendir(folder)));
  if (entries === null) return;
  try {
    yield* entries;
  } catch (error) {
    throw unavailable(error);
  }
}

/** All of it, on the disk. `FileHandle.writeFile` goes on after short writes, which is how a disk that fills up begins. */
async function writeWhole(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  const topmost = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (topmost === undefined) return;
  // A new name survives the loss of power once the folder that holds it has been written.
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) await sync(dirname(made));
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function reaching<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable(error);
  }
}
