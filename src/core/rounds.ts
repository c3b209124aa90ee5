/** Does something again and again, one round at a time, until it is stopped. */
export class Rounds {
  readonly #round: () => Promise<void>;
  readonly #interval: number;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #stopping = false;

  /** `interval`: ms between two rounds. One that fails is reported to `failed`, and does not end them. */
  constructor(round: () => Promise<void>, interval: number, failed: (error: unknown) => void) {
    this.#round = round;
    this.#interval = interval;
    this.#failed = failed;
  }

  /** A long round ends early. */
  get stopping(): boolean {
    return this.#stopping;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#round()
        .catch(this.#failed)
        .finally(() => {
          this.#running = null;
        });
    }, this.#interval);
  }

  /** Resolves once the round that runs has ended. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopping = true;
    await this.#running;
  }
}
