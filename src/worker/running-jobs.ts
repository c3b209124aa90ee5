import { Interruption } from '../core/interruption.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';

/** The attempts that run in this process, so that a cancellation announced by any process reaches them. */
export class RunningJobs {
  readonly #interrupts = new Map<string, (interruption: Interruption) => void>();
  readonly #store: Store;
  readonly #logger: Logger;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  async listen(): Promise<void> {
    await this.#store.onCancellation((jobId) => {
      if (jobId === null) void this.#lookAtAll();
      else this.#cancel(jobId);
    });
  }

  /** Registers an attempt until the returned function is called. */
  add(jobId: string, interrupt: (interruption: Interruption) => void): () => void {
    this.#interrupts.set(jobId, interrupt);
    return () => {
      if (this.#interrupts.get(jobId) === interrupt) this.#interrupts.delete(jobId);
    };
  }

  #cancel(jobId: string): void {
    this.#interrupts.get(jobId)?.(new Interruption('cancelled'));
  }

  async #lookAtAll(): Promise<void> {
    try {
      const jobIds = [...this.#interrupts.keys()];
      const flags = await Promise.all(jobIds.map((jobId) => this.#store.jobs.isCancelRequested(jobId)));
      for (const [position, jobId] of jobIds.entries()) if (flags[position]) this.#cancel(jobId);
    } catch (error) {
      this.#logger.warn({ err: error }, 'could not look for cancellations that were missed');
    }
  }
}
