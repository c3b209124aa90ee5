import { APIError } from '../errors.ts';
import { retryDelay } from './transport.ts';

/** How long to go on trying: as long as the server can be reached now and then, and sooner after an event. */
export class Patience {
  readonly #ms: number;
  #failures = 0;
  #failingSince: number | null = null;

  constructor(seconds: number) {
    this.#ms = 1000 * seconds;
  }

  /** Milliseconds until the next try. */
  delay = 0;

  sawLife(): void {
    this.#failingSince = null;
  }

  renew(): void {
    this.#failures = 0;
    this.#failingSince = null;
    this.delay = 0;
  }

  /** @throws the error, if it is none that passes, or the server has been out of reach for too long. */
  fail(error: unknown): void {
    this.#failures += 1;
    this.#failingSince ??= performance.now();
    const passes = error instanceof APIError && error.retryable;
    if (!passes || performance.now() - this.#failingSince > this.#ms) throw error;
    this.delay = retryDelay(error, this.#failures);
  }
}
