import type { StoredFile } from '../core/stored-file.ts';
import { UPLOAD_ID, type Upload, type UploadSpec, type UploadStatus } from '../core/upload.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Ms that an upload can still be looked at after its expiry. */
const AFTERLIFE = 86_400_000;
/** Ms that one who was handed an expired upload has to clear it away, before it is handed to another. */
const LEASE = 60_000;
const PART = 'part:';
/** Parts of one upload. */
const MOST_PARTS = 10_000;
/** How often the bytes of an upload may be kept: a part whose answer was lost is sent again, and official clients do that twice. */
const COPIES = 3;

/** What came of ending an upload: its status, which somebody else may have decided. */
export interface UploadEnd {
  readonly status: UploadStatus;
  readonly file: StoredFile | null;
}

/** What is known of uploads and their parts, besides their bytes. */
export class UploadStore {
  readonly #redis: ScriptedRedis;

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async create(spec: UploadSpec): Promise<void> {
    const { id, expiresAt } = spec;
    await this.#redis.zadd(keys.uploadsDue, expiresAt, id);
    const key = keys.upload(id);
    await this.#redis
      .multi()
      .hset(key, { spec: JSON.stringify(spec), status: 'pending', expiresAt })
      .pexpireat(key, expiresAt + AFTERLIFE)
      .exec();
  }

  /** Null if there is none, or this is no id of an upload. */
  async get(id: string): Promise<Upload | null> {
    if (!UPLOAD_ID.test(id)) return null;
    const { spec, status, file, ...others } = await this.#redis.hgetall(keys.upload(id));
    if (spec === undefined) return null;
    const { expiresAt, ...rest } = JSON.parse(spec) as UploadSpec;
    const over = status === 'pending' && expiresAt <= Date.now();
    const parts = Object.entries(others).filter(([name]) => name.startsWith(PART));
    return {
      ...rest,
      expiresAt,
      status: over ? 'expired' : (status as UploadStatus),
      parts: new Map(parts.map(([name, bytes]) => [name.slice(PART.length), Number(bytes)])),
      file: fileIn(file),
    };
  }

  /** Notes a part that is kept. `full`: there are too many, or too large ones; a status other than pending: it takes no more. */
  async addPart(upload: UploadSpec, partId: string, bytes: number): Promise<UploadStatus | 'full' | null> {
    const most = COPIES * upload.bytes;
    const key = keys.upload(upload.id);
    const reply = await this.#redis.sluiceUploadPart(key, Date.now(), partId, bytes, most, MOST_PARTS);
    return reply === '' ? null : (reply as UploadStatus | 'full');
  }

  /** Ends an upload, unless it has ended; see `lua/upload-end.lua`. Null if there is none. */
  async end(
    id: string,
    status: 'completed' | 'cancelled',
    file: StoredFile | null,
  ): Promise<UploadEnd | null> {
    const text = file === null ? '' : JSON.stringify(file);
    const [now = '', winner] = await this.#redis.sluiceUploadEnd(keys.upload(id), Date.now(), status, text);
    return now === '' ? null : { status: now as UploadStatus, file: fileIn(winner) };
  }

  /** Whether the file of a completed upload may still lack its record. */
  async isUnwritten(id: string): Promise<boolean> {
    return (await this.#redis.hexists(keys.upload(id), 'unwritten')) === 1;
  }

  /** The file of a completed upload has its record. */
  async written(id: string): Promise<void> {
    await this.#redis.hdel(keys.upload(id), 'unwritten');
  }

  /** Up to `count` ids of uploads that have expired, however they ended; unless `cleared`, they come up again. */
  async takeExpired(count: number): Promise<string[]> {
    const now = Date.now();
    return this.#redis.sluiceTakeDue(keys.uploadsDue, now, now + LEASE, count);
  }

  /** Nothing is left to clear away of an upload. */
  async cleared(id: string): Promise<void> {
    await this.#redis.zrem(keys.uploadsDue, id);
  }
}

function fileIn(text: string | undefined): StoredFile | null {
  return text ? (JSON.parse(text) as StoredFile) : null;
}
