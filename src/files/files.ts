import type { Readable } from 'node:stream';
import type { BlobStore } from '../blobs/blob-store.ts';
import { newFileId, type StoredFile } from '../core/stored-file.ts';
import type { FileStore } from '../store/file-store.ts';

/** What a file is, besides its bytes. */
export type AboutFile = Pick<StoredFile, 'filename' | 'purpose' | 'expiresAt'>;

/** Bytes that are kept, and no file yet: they become one, or are discarded. Those of one who does neither are swept. */
export interface Received {
  readonly bytes: number;
  keep(about: AboutFile): Promise<StoredFile>;
  discard(): Promise<void>;
}

/**
 * Files by their ids: what is known of them is in Redis, their bytes are blobs. The blob is there before the record, and gone
 * after it; `sweep.ts` removes the blob of one who died between.
 */
export class Files {
  readonly store: FileStore;
  readonly blobs: BlobStore;

  constructor(store: FileStore, blobs: BlobStore) {
    this.store = store;
    this.blobs = blobs;
  }

  /** Keeps a file. Nobody can name it before all of it is kept. Rejects with what `content` throws. */
  async create(content: AsyncIterable<Uint8Array>, about: AboutFile, id = newFileId()): Promise<StoredFile> {
    return (await this.receive(content, id)).keep(about);
  }

  /** Keeps the bytes of a file of which not everything is known yet. Rejects with what `content` throws. */
  async receive(content: AsyncIterable<Uint8Array>, id = newFileId()): Promise<Received> {
    const bytes = await this.blobs.write(blobKey(id), content);
    return {
      bytes,
      keep: async (about) => {
        const file: StoredFile = { id, bytes, ...about, createdAt: Date.now() };
        await this.store.create(file);
        return file;
      },
      discard: () => this.blobs.delete(blobKey(id)),
    };
  }

  /** The file's bytes from `start` on, up to but without `end`; null if there is no such file. */
  async read(id: string, start = 0, end?: number): Promise<Readable | null> {
    const file = await this.store.get(id);
    return file && this.blobs.read(blobKey(id), start, end);
  }

  /** False if there is none. */
  async delete(id: string): Promise<boolean> {
    const deleted = await this.store.delete(id);
    if (deleted) await this.blobs.delete(blobKey(id));
    return deleted;
  }
}

/** Where the bytes of all files are. */
export const FILES_FOLDER = 'files';

/** Where the bytes of a file are. */
export function blobKey(fileId: string): string {
  return `${FILES_FOLDER}/${fileId}`;
}
