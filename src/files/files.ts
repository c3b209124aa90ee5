import type { Readable } from 'node:stream';
import type { BlobStore } from '../blobs/blob-store.ts';
import { newFileId, type StoredFile } from '../core/stored-file.ts';
import type { FileStore } from '../store/file-store.ts';

/** Files by their ids: what is known of them is in Redis, their bytes are blobs. */
export class Files {
  readonly store: FileStore;
  readonly #blobs: BlobStore;

  constructor(store: FileStore, blobs: BlobStore) {
    this.store = store;
    this.#blobs = blobs;
  }

  /** Keeps a file. Nobody can name it before all of it is kept. Rejects with what `content` throws. */
  async create(
    content: AsyncIterable<Uint8Array>,
    about: Pick<StoredFile, 'filename' | 'purpose' | 'expiresAt'>,
  ): Promise<StoredFile> {
    const id = newFileId();
    const bytes = await this.#blobs.write(blobKey(id), content);
    const file: StoredFile = { id, bytes, ...about, createdAt: Date.now() };
    await this.store.create(file);
    return file;
  }

  /** The file's bytes from `start` on; null if there is no such file. */
  async read(id: string, start = 0): Promise<Readable | null> {
    const file = await this.store.get(id);
    return file && this.#blobs.read(blobKey(id), start);
  }

  /** False if there is none. */
  async delete(id: string): Promise<boolean> {
    const deleted = await this.store.delete(id);
    if (deleted) await this.#blobs.delete(blobKey(id));
    return deleted;
  }
}

/** Where the bytes of a file are. */
export function blobKey(fileId: string): string {
  return `files/${fileId}`;
}
