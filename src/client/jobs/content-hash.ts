import { sha256 } from '@noble/hashes/sha2.js';
import { hex } from '../hex.ts';

const HIGH_SURROGATE = /[\uD800-\uDBFF]$/;

/**
 * The SHA-256 of text that comes in pieces, as UTF-8. Not `crypto.subtle`, which wants all of it at once, and a secure
 * context.
 */
export class ContentHash {
  readonly #hash = sha256.create();
  readonly #encoder = new TextEncoder();
  /** Half of a character whose other half comes with the next piece. */
  #half = '';

  add(text: string): void {
    if (text === '') return;
    const all = this.#half + text;
    this.#half = HIGH_SURROGATE.exec(all)?.[0] ?? '';
    this.#hash.update(this.#encoder.encode(this.#half === '' ? all : all.slice(0, -1)));
  }

  /** In hexadecimal. Nothing can be added afterwards. */
  hex(): string {
    return hex(this.#hash.update(this.#encoder.encode(this.#half)).digest());
  }
}
