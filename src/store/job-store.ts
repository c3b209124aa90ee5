import type { Job, JobAnswer, JobContent, JobSpec, JobStatus } from '../core/job.ts';
import { isJobId } from '../core/job-id.ts';
import type { RecordFields } from './archive/archive.ts';
import type { ArchivedJobs } from './archive/archived-jobs.ts';
import type { JobIndex } from './job-index.ts';
import { keys } from './keys.ts';
import type { LineRecords } from './line-records.ts';
import { fillPage, type Page } from './page.ts';
import { CONTENT_FIELDS, recordToContent, recordToJob, specToFields } from './record.ts';
import type { ScriptedRedis } from './redis.ts';

/** Ms after its submission at which a job is looked after for the first time. */
const FIRST_LOOK = 10_000;
/** Documents of the archive that a list reads at once: each may have tens of MB. */
const DOCUMENTS = 4;

/**
 * The jobs' records: create, read, list, cancel, delete. What attempts do to them is `attempt-store.ts`. Stored jobs that
 * Redis has no record of any more are read from the archive, by `get`, `content` and `answer` alone; so are lines of batches,
 * from the results of their batch.
 */
export class JobStore {
  readonly index: JobIndex;
  readonly #redis: ScriptedRedis;
  readonly #archived: ArchivedJobs;
  readonly #lines: LineRecords;

  constructor(redis: ScriptedRedis, index: JobIndex, archived: ArchivedJobs, lines: LineRecords) {
    this.#redis = redis;
    this.index = index;
    this.#archived = archived;
    this.#lines = lines;
  }

  /**
   * Ties an idempotency key to a job id, or finds the one it is tied to already. `fingerprint` tells
   * requests apart; `ttl` in seconds.
   */
  async reserve(
    keyHash: string,
    jobId: string,
    fingerprint: string,
    ttl: number,
  ): Promise<{ jobId: string; fingerprint: string }> {
    const reply = await this.#redis.sluiceReserve(keys.idempotency(keyHash), `${jobId} ${fingerprint}`, ttl);
    const [id = '', print = ''] = reply.split(' ');
    return { jobId: id, fingerprint: print };
  }

  /**
   * Writes a job's record; false if it was there already. The record leaves before this returns, so that a
   * ticket enqueued next on the same connection cannot overtake it. `listed` resolves a moment later, when
   * the job can be found in the listings too; if that fails, it is listed when it settles.
   */
  async create(spec: JobSpec): Promise<{ created: boolean; listed: Promise<void> }> {
    const due = Math.min(Math.max(spec.notBefore, spec.createdAt) + FIRST_LOOK, spec.deadline);
    const created = this.#redis.sluiceCreate(keys.record(spec.id), ...specToFields(spec));
    const look = spec.batchId === null ? this.index.open(spec.id, due) : this.index.watch(spec.id, due);
    const lists = [look, spec.stored ? this.index.stored(spec.id, spec.url) : null];
    const listed = Promise.all(lists).then(
      () => {},
      () => {},
    );
    return { created: (await created) === 1, listed };
  }

  /** The job, or null if there is none, it has expired, or this is no id of a job. */
  async get(jobId: string): Promise<Job | null> {
    if (!isJobId(jobId)) return null;
    const recorded = await this.#recorded(jobId);
    if (recorded !== null) return recorded;
    const kept = await this.#kept(jobId);
    return kept && recordToJob(jobId, kept);
  }

  async #recorded(jobId: string): Promise<Job | null> {
    const flat = await this.#redis.sluiceRead(keys.record(jobId));
    if (flat.length === 0) return null;
    const hash: Record<string, string> = {};
    for (let i = 0; i + 1 < flat.length; i += 2) hash[flat[i] as string] = flat[i + 1] as string;
    return hash.gathered === undefined ? recordToJob(jobId, hash) : null;
  }

  /** The record where Redis has none any more: of a stored job, or of a line whose batch has gathered it. */
  async #kept(jobId: string): Promise<RecordFields | null> {
    return (await this.#archived.read(jobId)) ?? this.#lines.record(jobId);
  }

  /** Only the job's status; null if Redis has no such job. */
  async status(jobId: string): Promise<JobStatus | null> {
    return (await this.#redis.hget(keys.record(jobId), 'status')) as JobStatus | null;
  }

  /** What the job was asked and has answered; of a job that is not there, nothing. */
  async content(jobId: string): Promise<JobContent> {
    return recordToContent(await this.#fields(jobId, CONTENT_FIELDS));
  }

  /** What the job has answered, without what it was asked. */
  async answer(jobId: string): Promise<JobAnswer> {
    const [result = null, echo = null] = await this.#fields(jobId, ['result', 'echo']);
    const { request: _, ...answer } = recordToContent([null, result, echo]);
    return answer;
  }

  async #fields(jobId: string, names: readonly string[]): Promise<(string | null)[]> {
    // Every record has a version; without one there is no record.
    const [version, gathered, ...fields] = await this.#redis.hmget(
      keys.record(jobId),
      'version',
      'gathered',
      ...names,
    );
    if (version !== null && gathered === null) return fields;
    const kept = await this.#kept(jobId);
    return names.map((name) => kept?.[name] ?? null);
  }

  /** Replaces the metadata of a job, wherever it is kept. False if there is no such job. */
  async annotate(jobId: string, metadata: Readonly<Record<string, string>>): Promise<boolean> {
    return this.#archived.annotate(jobId, JSON.stringify(metadata));
  }

  /** Asks for cancellation; the status before, or null if there is no such job. */
  async cancel(jobId: string): Promise<JobStatus | null> {
    const status = await this.#redis.sluiceCancel(keys.record(jobId), Date.now(), keys.cancellations, jobId);
    return status === '' ? null : (status as JobStatus);
  }

  /** True if somebody asked for the job's cancellation. */
  async isCancelRequested(jobId: string): Promise<boolean> {
    return (await this.#redis.hexists(keys.record(jobId), 'cancel')) === 1;
  }

  /** Forgets a settled job: record, log, listing and archived document. */
  async delete(jobId: string): Promise<void> {
    const forgotten = await this.#archived.forgetting(jobId);
    await this.#redis.unlink(keys.record(jobId), keys.log(jobId));
    await this.index.remove(jobId);
    await forgotten();
  }

  /** The jobs that Redis has, newest first. Ids whose records have expired are passed over. */
  async list(status: JobStatus | null, after: string | null, limit: number): Promise<Page<Job>> {
    return fillPage({
      ids: (from, count) => this.index.page(status, from, count),
      read: (id) => this.#recorded(id),
      wanted: (job) => status === null || job.status === status,
      after,
      limit,
    });
  }

  /** The stored chat completions that are `wanted`, wherever they are kept. */
  async listStored(terms: {
    readonly order: 'asc' | 'desc';
    readonly after: string | null;
    readonly limit: number;
    readonly wanted: (job: Job) => boolean;
  }): Promise<Page<Job>> {
    return fillPage({
      ...terms,
      ids: (from, count) => this.index.storedPage(terms.order, from, count),
      read: (id) => this.get(id),
      together: DOCUMENTS,
    });
  }
}
