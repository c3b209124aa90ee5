import { isTerminal, type Job } from '../core/job.ts';
import { Rounds } from '../core/rounds.ts';
import { JOB_CANCELLED, JOB_EXPIRED } from '../core/settlement.ts';
import type { Logger } from '../log.ts';
import { laneOf, type Producer } from '../queue/producer.ts';
import { settleFromLog } from '../store/settle-from-log.ts';
import type { Store } from '../store/store.ts';

/** Ms between two rounds, and until a job that was looked at is looked at again. */
const ROUND = 1000;
const NEXT_LOOK = 60_000;
const BATCH = 100;
/** Ms after its deadline that a running job's own worker has to settle it: that knows what the attempt cost. */
const CONCLUSION = 3000;

/**
 * Looks after every unsettled job from time to time, so that no crash between two steps leaves one behind:
 * a job without a ticket gets one, a job past its deadline expires, a listing that lags is put right. Every
 * worker runs one; each due job falls to one of them.
 */
export class Rescuer {
  readonly #store: Store;
  readonly #producer: Producer;
  readonly #logger: Logger;
  readonly #rounds: Rounds;
  #trimmed = 0;

  constructor(store: Store, producer: Producer, logger: Logger) {
    this.#store = store;
    this.#producer = producer;
    this.#logger = logger;
    this.#rounds = new Rounds(
      () => this.round(),
      ROUND,
      (err) => logger.warn({ err }, 'rescue round failed'),
    );
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Looks at the jobs that are due now. */
  async round(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const due = await this.#store.jobs.index.takeDue(now, now + NEXT_LOOK, BATCH);
      await Promise.all(due.map((jobId) => this.#lookSafely(jobId)));
      if (due.length < BATCH) break;
    }
    if (Date.now() - this.#trimmed < NEXT_LOOK) return;
    this.#trimmed = Date.now();
    await this.#store.jobs.index.trim();
  }

  /** One job that cannot be read, or whose group the configuration has lost, must not keep the others waiting. */
  async #lookSafely(jobId: string): Promise<void> {
    try {
      await this.#look(jobId);
    } catch (error) {
      this.#logger.warn({ err: error, jobId }, 'could not look after a job');
    }
  }

  async #look(jobId: string): Promise<void> {
    const job = await this.#store.jobs.get(jobId);
    if (job === null) return this.#store.jobs.index.remove(jobId);
    if (isTerminal(job.status))
      return this.#store.jobs.index.settled(jobId, job.status, {
        stored: job.stored,
        line: job.batchId !== null,
        webhook: job.webhook !== null,
      });
    if (job.cancelRequested && job.status === 'queued') return this.#settle(job, 'cancelled');
    const overdue = job.status === 'in_progress' ? job.deadline + CONCLUSION : job.deadline;
    if (overdue <= Date.now()) return this.#settle(job, job.cancelRequested ? 'cancelled' : 'expired');
    if (overdue < Date.now() + NEXT_LOOK) await this.#store.jobs.index.watchAt(jobId, overdue);
    if (job.deadline <= Date.now()) return;
    // Enqueuing is idempotent: for all but the jobs that lost their ticket this does nothing.
    await this.#producer.enqueue({
      id: jobId,
      group: job.group,
      lane: laneOf(job),
      model: job.model,
      priority: job.priority,
      delay: job.notBefore - Date.now(),
    });
  }

  async #settle(job: Job, status: 'cancelled' | 'expired'): Promise<void> {
    const reply = await settleFromLog(
      this.#store,
      job.id,
      status,
      status === 'expired' ? JOB_EXPIRED : JOB_CANCELLED,
    );
    if (reply === 'settled') this.#logger.info({ jobId: job.id, epoch: job.epoch }, `job ${status}`);
  }
}
