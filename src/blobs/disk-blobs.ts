import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobInfo, BlobStore } from './blob-store.ts';

/** Prompts and answers: nobody's but the owner's. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** What is being written stands under another name, which no key can have. */
const UNFINISHED = '.part';

/** Blobs as files of a folder. Processes may share it, also over a network, if renaming is atomic there. */
export class DiskBlobs implements BlobStore {
  readonly #folder: string;

  /** `folder`: an absolute path; made when the first blob is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<number> {
    const path = join(this.#folder, key);
    const folder = dirname(path);
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
    try {
      const bytes = await writeWhole(temporary, content);
      await rename(temporary, path);
      await sync(folder);
      return bytes;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async read(key: string, start = 0, end?: number): Promise<Readable | null> {
    const path = join(this.#folder, key);
    if (end !== undefined && end <= start) return null;
    const file = await unlessMissing(open(path, 'r'));
    if (file === null) return null;
    return createReadStream(path, { fd: file, start, ...(end !== undefined && { end: end - 1 }) });
  }

  async delete(key: string): Promise<void> {
    await rm(join(this.#folder, key), { force: true });
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    const folder = join(this.#folder, prefix);
    const entries = (await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.endsWith(UNFINISHED)) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await unlessMissing(stat(path));
      if (found !== null) {
        yield { key: relative(this.#folder, path), bytes: found.size, writtenAt: found.mtimeMs };
      }
    }
  }
}

async function writeWhole(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    let bytes = 0;
    for await (const chunk of content) {
      await file.writeFile(chunk);
      bytes += chunk.byteLength;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
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
