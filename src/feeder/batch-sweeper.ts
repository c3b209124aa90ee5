import { type Batch, hasEnded } from '../core/batch.ts';
import { Rounds } from '../core/rounds.ts';
import type { FeederParts } from './feeder-parts.ts';

/** Ms between two rounds. */
const ROUND = 1000;
/** Batches taken at a time, and the ms until they fall due again where sweeping fails. */
const TOGETHER = 16;
const AGAIN = 60_000;

/** Forgets the results of batches, and later the batches. Every feeder process runs one; each batch falls to one of them. */
export class BatchSweeper {
  readonly #parts: FeederParts;
  readonly #rounds: Rounds;

  constructor(parts: FeederParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(
      () => this.round(),
      ROUND,
      (err) => parts.logger.warn({ err }, 'could not sweep batches; another round will'),
    );
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves after the round that runs. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Sweeps what is due now. */
  async round(): Promise<void> {
    const { feed } = this.#parts.store;
    for (;;) {
      const taken = await feed.takeEnded(Date.now() + AGAIN, TOGETHER);
      for (const batchId of taken) await this.#sweep(batchId);
      if (taken.length < TOGETHER || this.#rounds.stopping) return;
    }
  }

  async #sweep(batchId: string): Promise<void> {
    const { store, results, config } = this.#parts;
    const batch = await store.batches.get(batchId);
    if (batch === null) return store.feed.drop(batchId);
    if (!hasEnded(batch.status)) return;
    const { resultTtl, storedTtl } = config.limits;
    const ended = endOf(batch);
    const [forget, remove] = [ended + 1000 * resultTtl, ended + 1000 * storedTtl];
    if (forget > Date.now()) return store.feed.sweepAgain(batchId, forget);
    await results.forget(batchId);
    if (remove > Date.now()) await store.feed.sweepAgain(batchId, remove);
    else await store.batches.delete(batch);
  }
}

/** Unix milliseconds. */
function endOf({ since, status, createdAt }: Batch): number {
  return since[status] ?? createdAt;
}
