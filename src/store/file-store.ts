import type { FilePurpose, StoredFile } from '../core/stored-file.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** What is known of files besides their bytes. */
export class FileStore {
  readonly #redis: ScriptedRedis;

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async create(file: StoredFile): Promise<void> {
    await this.#redis.set(keys.file(file.id), JSON.stringify(file));
    await this.#redis.zadd(keys.files, 0, file.id);
  }

  /** The file, or null if there is none or it has expired. */
  async get(id: string): Promise<StoredFile | null> {
    const text = await this.#redis.get(keys.file(id));
    if (text === null) return null;
    const file = JSON.parse(text) as StoredFile;
    return file.expiresAt !== null && file.expiresAt <= Date.now() ? null : file;
  }

  /** False if there is none. */
  async delete(id: string): Promise<boolean> {
    const removed = await this.#redis.del(keys.file(id));
    await this.#redis.zrem(keys.files, id);
    return removed === 1;
  }

  /** Up to `limit` files after the one named, by the time of their creation. */
  async list(terms: {
    readonly purpose: FilePurpose | null;
    readonly order: 'asc' | 'desc';
    readonly after: string | null;
    readonly limit: number;
  }): Promise<{ readonly files: readonly StoredFile[]; readonly more: boolean }> {
    const { purpose, order, after, limit } = terms;
    const ids =
      order === 'asc'
        ? await this.#redis.zrangebylex(keys.files, after === null ? '-' : `(${after}`, '+')
        : await this.#redis.zrevrangebylex(keys.files, after === null ? '+' : `(${after}`, '-');
    const found = (await Promise.all(ids.map((id) => this.get(id)))).filter((file) => file !== null);
    const wanted = found.filter((file) => purpose === null || file.purpose === purpose);
    return { files: wanted.slice(0, limit), more: wanted.length > limit };
  }
}
