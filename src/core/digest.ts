import { hash } from 'node:crypto';
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
  readonly #text: string[] = [];

  add(delta: Delta): void {
    this.#deltas += 1;
    if (delta.type === 'text') this.#text.push(delta.text);
  }

  /** How many deltas have passed. */
  get deltas(): number {
    return this.#deltas;
  }

  /** Of all that has passed so far. */
  digest(): Digest {
    // Hashing the whole once takes a fraction of the time that hashing every delta takes.
    return { deltas: this.#deltas, sha256: hash('sha256', this.#text.join(''), 'hex') };
  }
}
