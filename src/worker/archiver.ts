import { Rounds } from '../core/rounds.ts';
import type { Logger } from '../log.ts';
import type { ArchiveTask } from '../store/archive/archive-tasks.ts';
import type { Store } from '../store/store.ts';

/** Ms between two rounds. */
const ROUND = 1000;
/** Tasks at a time: each holds a whole record in memory. */
const BATCH = 16;
/** Ms between two trims of the archive, which has a folder a day. */
const TRIM = 3_600_000;
/** Ms before the next try where nothing could be written, which doubles each time up to the longest. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/**
 * Moves settled jobs that are to be stored from Redis into the archive, and clears the archive of what has expired. Every
 * worker runs one; each task falls to one of them. While the archive cannot be written, Redis keeps the jobs.
 */
export class Archiver {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #rounds: Rounds;
  /** How often in a row nothing could be written. */
  #failures = 0;
  #pausedUntil = 0;
  #trimmed = 0;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#rounds = new Rounds(
      () => this.round(),
      ROUND,
      (err) => logger.warn({ err }, 'archive round failed'),
    );
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves after the tasks that are under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Does what is due now. */
  async round(): Promise<void> {
    if (this.#pausedUntil > Date.now()) return;
    const { tasks } = this.#store.archived;
    for (;;) {
      const taken = await tasks.take(BATCH);
      const failed = (await Promise.all(taken.map((task) => this.#failed(task)))).filter(
        (task) => task !== null,
      );
      if (taken.length > 0 && failed.length === taken.length) return this.#pause(failed);
      // A single one that fails is due again when its lease ends.
      this.#failures = 0;
      if (taken.length < BATCH || this.#rounds.stopping) break;
    }
    if (Date.now() - this.#trimmed < TRIM) return;
    this.#trimmed = Date.now();
    await this.#store.archived.trim();
  }

  /** Does one task; the task if that failed. */
  async #failed(task: ArchiveTask): Promise<ArchiveTask | null> {
    const { archived } = this.#store;
    try {
      await archived.perform(task);
      await archived.tasks.done(task);
      return null;
    } catch (error) {
      this.#logger.warn(
        { err: error, jobId: task.jobId },
        'could not archive a job; Redis keeps it until then',
      );
      return task;
    }
  }

  async #pause(failed: readonly ArchiveTask[]): Promise<void> {
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures += 1;
    this.#pausedUntil = Date.now() + pause;
    const { tasks } = this.#store.archived;
    await Promise.all(failed.map((task) => tasks.again(task, this.#pausedUntil)));
  }
}
