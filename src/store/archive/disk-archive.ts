import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isJobId, jobTime } from '../../core/job-id.ts';
import type { Archive, RecordFields } from './archive.ts';

/** Prompts and answers: nobody's but the owner's. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const DAY = 86_400_000;
const DAY_FOLDER = /^\d{4}-\d\d-\d\d$/;

const document = z.record(z.string(), z.string());

/**
 * An archive in files: `<folder>/<yyyy-mm-dd>/<job id>.json`, by the UTC day of the job's creation. Processes may share
 * the folder, also over a network, if renaming is atomic there. Reads and writes fail as the file system does.
 */
export class DiskArchive implements Archive {
  readonly #folder: string;

  /** `folder`: an absolute path; made when the first job is archived. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(jobId: string, record: RecordFields): Promise<void> {
    const path = this.#path(jobId);
    const folder = dirname(path);
    await makeFolder(folder);
    const temporary = `${path}.${randomUUID()}`;
    try {
      await writeWhole(temporary, JSON.stringify(record));
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await sync(folder);
  }

  async read(jobId: string): Promise<RecordFields | null> {
    const path = this.#path(jobId);
    const text = await unlessMissing(readFile(path, 'utf8'));
    return text === null ? null : parseDocument(jobId, text);
  }

  async delete(jobId: string): Promise<void> {
    const path = this.#path(jobId);
    await rm(path, { force: true });
    await unlessMissing(sync(dirname(path)));
  }

  async trim(unixMs: number): Promise<void> {
    const names = (await unlessMissing(readdir(this.#folder))) ?? [];
    for (const name of names) {
      if (!DAY_FOLDER.test(name) || Date.parse(name) + DAY > unixMs) continue;
      await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  #path(jobId: string): string {
    if (!isJobId(jobId)) throw new Error('The archive was asked for something that is no job id.');
    const day = new Date(jobTime(jobId)).toISOString().slice(0, 'yyyy-mm-dd'.length);
    return join(this.#folder, day, `${jobId}.json`);
  }
}

function parseDocument(jobId: string, text: string): RecordFields {
  try {
    return document.parse(JSON.parse(text));
  } catch {
    // The reason would quote the text.
    throw new Error(`The archived document of ${jobId} is damaged.`);
  }
}

/** All of the text, on the disk. `FileHandle.writeFile` goes on after short writes, which is how a disk that fills up begins. */
async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(text);
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

async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
