import type { Readable } from 'node:stream';

/** What is known of a blob without reading it. */
export interface BlobInfo {
  readonly key: string;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly writtenAt: number;
}

/**
 * Bytes by key, on a disk or in an object store. Keys are relative paths of `[a-z0-9._-]` parts: `files/file-…`. What an
 * implementation has to promise is what `test/conformance/blob-store.test.ts` asks of all of them.
 *
 * What cannot be reached is a {@link BlobsUnavailable}, from every method.
 */
export interface BlobStore {
  /**
   * Keeps all of `content`, replacing what had the key. Resolves with the number of bytes once they survive a loss of power;
   * until then nobody sees any of them. Rejects with what `content` throws, and keeps nothing then.
   */
  write(key: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * The bytes from `start` on, up to but without `end`, as far as there are any; null if there is no such blob. To be read to
   * its end, or destroyed.
   */
  read(key: string, start?: number, end?: number): Promise<Readable | null>;
  /** Also where there is none. */
  delete(key: string): Promise<void>;
  /** Every blob whose key begins with the folder `prefix/`. */
  list(prefix: string): AsyncIterable<BlobInfo>;
  /** Removes what writers who died have left unfinished, as far as nothing was added to it since `before` (unix ms). */
  tidy(before: number): Promise<void>;
}

/** The store could not be reached; `cause` is why. What it keeps is not lost. */
export class BlobsUnavailable extends Error {
  override readonly name = 'BlobsUnavailable';

  constructor(cause: unknown) {
    super('The file storage cannot be reached.', { cause });
  }
}

/** What something thrown is to the callers of a store. */
export function unavailable(error: unknown): BlobsUnavailable {
  return error instanceof BlobsUnavailable ? error : new BlobsUnavailable(error);
}

const KEY = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;
/** What is being written stands under another name, which no key can have. */
export const UNFINISHED = '.part';

/** Refuses what is no key: no part of one begins with a dot, so that none leads out of the folder. */
export function checkKey(key: string): void {
  if (!KEY.test(key) || key.endsWith(UNFINISHED)) throw new Error('This is not the key of a blob.');
}
