import { createHash, type Hash } from 'node:crypto';
import type { Delta } from './delta.ts';

/**
 * What a client needs to prove that it lost nothing: how many deltas the last attempt had, and the
 * SHA-256 (hex) of its content text, all choices in the order of the log, as UTF-8.
 */
export interface Digest {
  readonly deltas: number;
  readonly sha256: string;
}

/** Computes a {@link Digest} as deltas pass by. */
export class DigestBuilder {
  #deltas = 0;
  readonly #hash: Hash = createHash('sha256');

  add(delta: Delta): void {
    this.#deltas += 1;
    if (delta.type === 'text') this.#hash.update(delta.text, 'utf8');
  }

  digest(): Digest {
    return { deltas: this.#deltas, sha256: this.#hash.copy().digest('hex') };
  }
}
