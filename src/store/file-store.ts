import { FILE_ID, FILE_PURPOSES, type FilePurpose, type StoredFile } from '../core/stored-file.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Records that are read at once. */
const TOGETHER = 500;
/** Ms that one who was handed an expired file has to remove it, before it is handed to another. */
const LEASE = 60_000;

/**
 * What is known of files besides their bytes. The lists are written before the record and cleared after it, so that a
 * file that can be read is always in them; what they have too much is passed over, and cleared with the blob.
 */
export class FileStore {
  readonly #redis: ScriptedRedis;

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async create(file: StoredFile): Promise<void> {
    const { id, purpose, expiresAt } = file;
    await Promise.all([
      this.#redis.zadd(keys.files, 0, id),
      this.#redis.zadd(keys.filesOf(purpose), 0, id),
      expiresAt === null ? null : this.#redis.zadd(keys.filesDue, expiresAt, id),
    ]);
    await this.#redis.set(keys.file(id), JSON.stringify(file));
  }

  /** The file, or null if there is none, it has expired, or this is no id of a file. */
  async get(id: string): Promise<StoredFile | null> {
    const text = FILE_ID.test(id) ? await this.#redis.get(keys.file(id)) : null;
    if (text === null) return null;
    const file = JSON.parse(text) as StoredFile;
    return file.expiresAt !== null && file.expiresAt <= Date.now() ? null : file;
  }

  /** Whether there is a record, also of a file that has expired. */
  async has(id: string): Promise<boolean> {
    return (await this.#redis.exists(keys.file(id))) === 1;
  }

  /** False if there is none. */
  async delete(id: string): Promise<boolean> {
    return (await this.get(id)) !== null && (await this.remove(id));
  }

  /** Forgets a file altogether, also one that has expired or that only the lists have. False if it had no record. */
  async remove(id: string): Promise<boolean> {
    const removed = await this.#redis.del(keys.file(id));
    const lists = [keys.files, keys.filesDue, ...FILE_PURPOSES.map(keys.filesOf)];
    await Promise.all(lists.map((list) => this.#redis.zrem(list, id)));
    return removed === 1;
  }

  /** Up to `limit` files after the one named, by the time of their creation. */
  async list(terms: {
    readonly purpose: FilePurpose | null;
    readonly order: 'asc' | 'desc';
    readonly after: string | null;
    readonly limit: number;
  }): Promise<{ readonly files: readonly StoredFile[]; readonly more: boolean }> {
    const { purpose, order, limit } = terms;
    const list = purpose === null ? keys.files : keys.filesOf(purpose);
    const files: StoredFile[] = [];
    for (let { after } = terms; files.length <= limit; ) {
      const ids = await this.#page(list, order, after, Math.min(TOGETHER, limit + 1 - files.length));
      const found = await Promise.all(ids.map((id) => this.get(id)));
      files.push(...found.filter((file) => file !== null));
      after = ids.at(-1) ?? null;
      if (after === null) break;
    }
    return { files: files.slice(0, limit), more: files.length > limit };
  }

  /** Up to `count` ids of files that have expired; until they are removed, they come up again. */
  async takeExpired(count: number): Promise<string[]> {
    const now = Date.now();
    return this.#redis.sluiceTakeDue(keys.filesDue, now, now + LEASE, count);
  }

  /** True for one caller every `interval` ms: it is to look through the blobs. */
  async takeSweep(interval: number): Promise<boolean> {
    return (await this.#redis.set(keys.blobsSwept, Date.now(), 'PX', interval, 'NX')) === 'OK';
  }

  #page(list: string, order: 'asc' | 'desc', after: string | null, count: number): Promise<string[]> {
    const bound = after === null ? null : `(${after}`;
    return order === 'asc'
      ? this.#redis.zrangebylex(list, bound ?? '-', '+', 'LIMIT', 0, count)
      : this.#redis.zrevrangebylex(list, bound ?? '+', '-', 'LIMIT', 0, count);
  }
}
