import type { Logger } from '../log.ts';
import { BatchFenced } from '../store/batches/batch-feed.ts';
import { BatchRun } from './batch-run.ts';
import { BatchSweeper } from './batch-sweeper.ts';
import type { FeederParts } from './feeder-parts.ts';

/** Ms between two looks for batches that nobody has. */
const ROUND = 250;
/** Batches that one process runs at once, at most. */
const MOST_RUNS = 64;
/** Ms after which a batch is taken up again that could not go on. */
const AFTER_FAULT = 2000;

/** Runs batches: each falls to one feeder of all processes, and to another if that dies. */
export class Feeder {
  readonly #parts: FeederParts;
  readonly #logger: Logger;
  readonly #sweeper: BatchSweeper;
  readonly #runs = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  /** Batches that have not ended, in all processes. */
  #open = 1;

  constructor(parts: FeederParts) {
    this.#parts = parts;
    this.#logger = parts.logger;
    this.#sweeper = new BatchSweeper(parts);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#round ??= this.#take()
        .catch((err: unknown) => this.#logger.warn({ err }, 'feeder round failed'))
        .finally(() => {
          this.#round = null;
        });
    }, ROUND);
    this.#sweeper.start();
    this.#logger.info('feeder ready');
  }

  /** Lets go of all batches, so that other feeders take them at once. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#round;
    await Promise.all([...this.#runs.values(), this.#sweeper.stop()]);
  }

  async #take(): Promise<void> {
    const { feed } = this.#parts.store;
    const [taken, open] = await Promise.all([feed.take(MOST_RUNS - this.#runs.size), feed.open()]);
    this.#open = Math.max(1, open);
    for (const batchId of taken) {
      if (this.#runs.has(batchId)) continue;
      const run = this.#run(batchId).finally(() => this.#runs.delete(batchId));
      this.#runs.set(batchId, run);
    }
  }

  async #run(batchId: string): Promise<void> {
    const { feed } = this.#parts.store;
    const share = (): number => Math.max(1, Math.floor(this.#parts.config.limits.batchWindow / this.#open));
    try {
      await new BatchRun(this.#parts, batchId, share, this.#stopping.signal).run();
      if (this.#stopping.signal.aborted) await feed.handBack(batchId, Date.now());
    } catch (error) {
      if (error instanceof BatchFenced) {
        this.#logger.info({ batchId }, 'another feeder has taken the batch');
        return;
      }
      this.#logger.error({ err: error, batchId }, 'a batch cannot go on; it is tried again in a moment');
      await feed.handBack(batchId, Date.now() + AFTER_FAULT).catch(() => {});
    }
  }
}
