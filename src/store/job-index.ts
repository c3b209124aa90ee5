import { v7 as uuidv7 } from 'uuid';
import type { JobStatus, TerminalStatus } from '../core/job.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Lists of job ids: by status for those who list jobs, by due time for those who look after them. */
export class JobIndex {
  readonly #redis: ScriptedRedis;
  readonly #retention: number;

  /** `retention`: ms after its creation that a job's record can live at most. */
  constructor(redis: ScriptedRedis, retention: number) {
    this.#redis = redis;
    this.#retention = retention;
  }

  /** Lists a job that is about to be created. `due`: unix ms at which somebody must look after it. */
  async open(jobId: string, due: number): Promise<void> {
    await this.#redis.sluiceIndexOpen(keys.index('all'), keys.index('open'), keys.watch, jobId, due);
  }

  /** Moves a job to those of its terminal status. */
  async settled(jobId: string, status: TerminalStatus): Promise<void> {
    await this.#redis.sluiceIndexSettled(
      keys.index('all'),
      keys.index('open'),
      keys.watch,
      keys.index(status),
      jobId,
      smallestJobId(Date.now() - this.#retention),
    );
  }

  /** Forgets a job altogether. */
  async remove(jobId: string): Promise<void> {
    const sets = ['all', 'open', 'completed', 'failed', 'cancelled', 'expired'].map(keys.index);
    const pipeline = this.#redis.pipeline();
    for (const key of [...sets, keys.watch]) pipeline.zrem(key, jobId);
    await pipeline.exec();
  }

  /** Up to `count` ids, newest first, after the given one. `queued` and `in_progress` share one list. */
  async page(status: JobStatus | null, after: string | null, count: number): Promise<string[]> {
    const name = status === null ? 'all' : status === 'queued' || status === 'in_progress' ? 'open' : status;
    const from = after === null ? '+' : `(${after}`;
    return this.#redis.zrevrangebylex(keys.index(name), from, '-', 'LIMIT', 0, count);
  }

  /** Unsettled jobs that are due, each handed to one caller; they fall due again at `next` (unix ms). */
  async takeDue(now: number, next: number, count: number): Promise<string[]> {
    return this.#redis.sluiceTakeDue(keys.watch, now, next, count);
  }

  /** Brings a job's next look forward to `due`. */
  async watchAt(jobId: string, due: number): Promise<void> {
    await this.#redis.zadd(keys.watch, 'XX', due, jobId);
  }

  /** How many jobs are open, and how many listed under each terminal status. */
  async counts(): Promise<Record<'open' | TerminalStatus, number>> {
    const count = (name: string): Promise<number> => this.#redis.zcard(keys.index(name));
    const [open, completed, failed, cancelled, expired] = await Promise.all([
      count('open'),
      count('completed'),
      count('failed'),
      count('cancelled'),
      count('expired'),
    ]);
    return { open, completed, failed, cancelled, expired };
  }
}

/** A new job id: `job_` and a UUIDv7 without dashes, so that ids sort by the time of their creation. */
export function newJobId(): string {
  return `job_${uuidv7().replaceAll('-', '')}`;
}

const JOB_ID = /^job_[0-9a-f]{32}$/;

export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

function smallestJobId(unixMs: number): string {
  return `job_${Math.max(0, unixMs).toString(16).padStart(12, '0')}${'0'.repeat(20)}`;
}
