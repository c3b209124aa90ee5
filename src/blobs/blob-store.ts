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
 */
export interface BlobStore {
  /**
   * Keeps all of `content`, replacing what had the key. Resolves with the number of bytes once they survive a loss of power;
   * until then nobody sees any of them. Rejects with what `content` throws, and keeps nothing then.
   */
  write(key: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** The bytes from `start` on, up to but without `end`; null if there is no such blob. */
  read(key: string, start?: number, end?: number): Promise<Readable | null>;
  /** Also where there is none. */
  delete(key: string): Promise<void>;
  /** Every blob whose key begins with the folder `prefix/`. */
  list(prefix: string): AsyncIterable<BlobInfo>;
}

/** The store could not be reached; `cause` is why. What it keeps is not lost. */
export class BlobsUnavailable extends Error {
  override readonly name = 'BlobsUnavailable';

  constructor(cause: unknown) {
    super('The file storage cannot be reached.', { cause });
  }
}
