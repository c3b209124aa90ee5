import { setTimeout as delay } from 'node:timers/promises';
import type { JobStatus, TerminalStatus } from '../core/job.ts';
import { smallestJobId } from '../core/job-id.ts';
import { LineAnnouncements } from './batches/line-announcements.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import type { Retention } from './retention.ts';
import { NOBODY, type SettledNotices } from './settled-notices.ts';

/** The sorted sets, as the script `index` wants them. */
const LISTS = [
  keys.index('all'),
  keys.index('open'),
  keys.watch,
  keys.index('completed'),
  keys.index('failed'),
  keys.index('cancelled'),
  keys.index('expired'),
];
/** The endpoint whose stored jobs can be listed; OpenAI's has a page for them, and no other one. */
const STORED_URL = '/v1/chat/completions';
/** All the keys of the script `index`. */
const INDEX_KEYS = [...LISTS, keys.archive, keys.stored(STORED_URL)];

/** A score of what must not wait, unlike that of anything handed out. */
export const DUE_NOW = 0;

/** Ms that changes gather after a write. */
const GATHER = 10;

type Change = readonly [
  'open' | 'settled' | 'watch' | 'unwatch' | 'archive' | 'stored',
  jobId: string,
  value: number,
];

/** What a settled job is, besides a job. */
export interface SettledKind {
  readonly stored: boolean;
  readonly line: boolean;
  /** It has a webhook of its own. */
  readonly webhook: boolean;
}

/** Lists of job ids: by status for those who list jobs, by due time for those who look after them. */
export class JobIndex {
  readonly #redis: ScriptedRedis;
  readonly #retention: Retention;
  readonly #lines: LineAnnouncements;
  #gathering: { readonly changes: Change[]; readonly done: Promise<void> } | null = null;
  #writing: Promise<unknown> = Promise.resolve();
  #notices: SettledNotices = NOBODY;
  #lastWrite = Number.NEGATIVE_INFINITY;

  constructor(redis: ScriptedRedis, retention: Retention) {
    this.#redis = redis;
    this.#retention = retention;
    this.#lines = new LineAnnouncements(redis);
  }

  /** Has `notices` hear of every job that this process settles, or finds settled and still watched. */
  tell(notices: SettledNotices): void {
    this.#notices = notices;
  }

  /** Lists a new job. `due`: unix ms at which somebody must look after it. */
  open(jobId: string, due: number): Promise<void> {
    return this.#change('open', jobId, due);
  }

  /** Lists a line of a batch for those who look after jobs, and for nobody else. */
  watch(jobId: string, due: number): Promise<void> {
    return this.#change('watch', jobId, due);
  }

  /**
   * Moves a job to those of its terminal status; a `stored` one is to be archived from now on. Of a `line` the feeder of its
   * batch is told. Who wants to hear of the job comes first: until that is durable, somebody looks after the job.
   */
  async settled(jobId: string, status: TerminalStatus, kind: SettledKind): Promise<void> {
    const { stored, line, webhook } = kind;
    if (line) this.#lines.announce(jobId);
    const archived = stored ? this.archiveAt(jobId, DUE_NOW) : null;
    const move = (): Promise<void> =>
      line
        ? this.#change('unwatch', jobId, 0)
        : this.#change('settled', jobId, LISTS.indexOf(keys.index(status)) + 1);
    const isToldOf = !line && (webhook || this.#notices.wanted);
    const moved = isToldOf ? this.#notices.jobSettled(jobId).then(move) : move();
    await Promise.all([archived, moved]);
  }

  /** Lists a stored job of this endpoint, if those can be listed. */
  async stored(jobId: string, url: string): Promise<void> {
    if (url === STORED_URL) await this.#change('stored', jobId, 0);
  }

  /** Lists a task of the archive, as `archive/archive-tasks.ts` writes it; `due` in unix ms. */
  archiveAt(task: string, due: number): Promise<void> {
    return this.#change('archive', task, due);
  }

  /** Forgets the jobs that have expired: ids sort by the time of their creation. */
  async trim(): Promise<void> {
    const { jobTimeout, resultTtl, storedTtl } = this.#retention;
    // Ids tell when jobs were created, which is up to `jobTimeout` before they settled.
    const settling = Date.now() - 1000 * jobTimeout;
    const oldest = smallestJobId(settling - 1000 * resultTtl);
    const oldestStored = smallestJobId(settling - 1000 * storedTtl);
    const pipeline = this.#redis.pipeline();
    for (const list of LISTS) {
      if (list !== keys.watch) pipeline.zremrangebylex(list, '-', `(${oldest}`);
    }
    pipeline.zremrangebylex(keys.stored(STORED_URL), '-', `(${oldestStored}`);
    await pipeline.exec();
  }

  /** Forgets a job altogether. */
  async remove(jobId: string): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const list of [...LISTS, keys.stored(STORED_URL)]) pipeline.zrem(list, jobId);
    await pipeline.exec();
  }

  /** Up to `count` ids, newest first, after the given one. `queued` and `in_progress` share one list. */
  async page(status: JobStatus | null, after: string | null, count: number): Promise<string[]> {
    const name = status === null ? 'all' : status === 'queued' || status === 'in_progress' ? 'open' : status;
    const from = after === null ? '+' : `(${after}`;
    return this.#redis.zrevrangebylex(keys.index(name), from, '-', 'LIMIT', 0, count);
  }

  /** Up to `count` ids of stored chat completions, after the given one in this order. */
  async storedPage(order: 'asc' | 'desc', after: string | null, count: number): Promise<string[]> {
    const list = keys.stored(STORED_URL);
    const bound = after === null ? null : `(${after}`;
    return order === 'asc'
      ? this.#redis.zrangebylex(list, bound ?? '-', '+', 'LIMIT', 0, count)
      : this.#redis.zrevrangebylex(list, bound ?? '+', '-', 'LIMIT', 0, count);
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

  /** Changes gather for a moment, and while a write is in flight, and go out together. */
  #change(...change: Change): Promise<void> {
    if (this.#gathering === null) {
      const changes: Change[] = [];
      const wait = this.#lastWrite + GATHER - performance.now();
      const ready = Promise.all([this.#writing, wait > 0 ? delay(wait) : null]);
      const done = ready.then(() => this.#write(changes));
      this.#gathering = { changes, done };
      this.#writing = done.catch(() => {});
    }
    this.#gathering.changes.push(change);
    return this.#gathering.done;
  }

  async #write(changes: readonly Change[]): Promise<void> {
    this.#gathering = null;
    this.#lastWrite = performance.now();
    await this.#redis.sluiceIndex(...INDEX_KEYS, ...changes.flat());
  }
}
