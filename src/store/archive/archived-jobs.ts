import { isTerminal, type JobStatus } from '../../core/job.ts';
import type { JobIndex } from '../job-index.ts';
import { keys } from '../keys.ts';
import type { ScriptedRedis } from '../redis.ts';
import type { Retention } from '../retention.ts';
import { type Archive, type RecordFields, reaching } from './archive.ts';
import { type ArchiveTask, ArchiveTasks } from './archive-tasks.ts';

/**
 * Stored jobs on their way from Redis into the archive, and there. A record in Redis goes before its document; its life is
 * cut to `result_ttl` only after the document is safe.
 */
export class ArchivedJobs {
  readonly tasks: ArchiveTasks;
  readonly #redis: ScriptedRedis;
  readonly #index: JobIndex;
  readonly #archive: Archive;
  readonly #retention: Retention;

  constructor(redis: ScriptedRedis, index: JobIndex, archive: Archive, retention: Retention) {
    this.tasks = new ArchiveTasks(redis, index);
    this.#redis = redis;
    this.#index = index;
    this.#archive = archive;
    this.#retention = retention;
  }

  /** The archived record of a job that settled no longer than `stored_ttl` ago; else null. */
  async read(jobId: string): Promise<RecordFields | null> {
    const record = await reaching(this.#archive.read(jobId));
    if (record === null) return null;
    const expiry = Number(record.finishedAt) + 1000 * this.#retention.storedTtl;
    return expiry > Date.now() ? record : null;
  }

  /** Does what a task asks for. Where the job was changed meanwhile, another task has come up. */
  async perform({ kind, jobId }: ArchiveTask): Promise<void> {
    if (kind === 'keep') await this.#keep(jobId);
    // A record is one of another submission, under the same idempotency key.
    else if ((await this.#redis.exists(keys.record(jobId))) === 0) await this.#archive.delete(jobId);
  }

  async #keep(jobId: string): Promise<void> {
    const record = await this.#redis.hgetall(keys.record(jobId));
    // Gone: it was deleted, or archived long ago by one who died before saying so.
    if (record.version === undefined || !isTerminal(record.status as JobStatus)) return;
    // Listing it is what its submission may have failed to do.
    const listed = this.#index.stored(jobId, record.url ?? '');
    await Promise.all([this.#archive.write(jobId, record), listed]);
    const { resultTtl } = this.#retention;
    const reply = await this.#redis.sluiceArchived(keys.record(jobId), record.revision ?? '', resultTtl);
    if (reply === GONE) await this.#deleteIfForgotten(jobId);
    // Whoever changed it may have died before saying so.
    if (reply === CHANGED) await this.tasks.keep(jobId);
  }

  /** Replaces a job's metadata (JSON). False if there is no such job. */
  async annotate(jobId: string, metadata: string): Promise<boolean> {
    const { storedTtl } = this.#retention;
    if ((await this.#redis.sluiceAnnotate(keys.record(jobId), metadata, storedTtl)) === 1) {
      if ((await this.#redis.hexists(keys.record(jobId), 'stored')) === 1) await this.tasks.keep(jobId);
      return true;
    }
    const record = await this.read(jobId);
    if (record === null) return false;
    await reaching(this.#archive.write(jobId, { ...record, metadata }));
    return !(await this.#deleteIfForgotten(jobId));
  }

  /**
   * Begins the deletion of a job, so that it comes to its end even if this process does not. Once the record is gone, the
   * returned function deletes the document.
   */
  async forgetting(jobId: string): Promise<() => Promise<void>> {
    const [version, stored] = await this.#redis.hmget(keys.record(jobId), 'version', 'stored');
    if (version !== null && stored === null) return async () => {};
    await this.tasks.forget(jobId);
    return () => reaching(this.#archive.delete(jobId));
  }

  /** Forgets the documents that must have expired. */
  async trim(): Promise<void> {
    const { jobTimeout, storedTtl } = this.#retention;
    await this.#archive.trim(Date.now() - 1000 * (jobTimeout + storedTtl));
  }

  /** A document that was written while its job was deleted does not outlive it. */
  async #deleteIfForgotten(jobId: string): Promise<boolean> {
    if (!(await this.tasks.isForgotten(jobId))) return false;
    await this.#archive.delete(jobId);
    return true;
  }
}

/** Replies of the script `archived`. */
const CHANGED = 0;
const GONE = -1;
