import { Rounds } from '../core/rounds.ts';
import type { Files } from '../files/files.ts';
import { sweepBlobs, sweepExpired } from '../files/sweep.ts';
import { Uploads } from '../files/uploads.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Ms between two rounds. What has expired is not shown until then. */
const ROUND = 10_000;

/** Removes files and uploads whose time is over, and blobs that nobody's are. Every worker process runs one. */
export class FileSweeper {
  readonly #files: Files;
  readonly #uploads: Uploads;
  readonly #rounds: Rounds;

  constructor(store: Store, files: Files, logger: Logger) {
    this.#files = files;
    this.#uploads = new Uploads(store.uploads, files);
    this.#rounds = new Rounds(
      () => this.round(),
      ROUND,
      (err) => logger.warn({ err }, 'could not sweep files; another round will'),
    );
  }

  start(): void {
    this.#rounds.start();
  }

  /** Resolves after the round that runs. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Removes what is due now. */
  async round(): Promise<void> {
    await sweepExpired(this.#files, this.#uploads, () => this.#rounds.stopping);
    if (!this.#rounds.stopping) await sweepBlobs(this.#files, Date.now());
  }
}
