import { createHash } from 'node:crypto';
import { SluiceError } from '../core/errors.ts';
import { expiryOf, newFileId, type StoredFile } from '../core/stored-file.ts';
import { newPartId, newUploadId, type Upload, type UploadSpec, type UploadStatus } from '../core/upload.ts';
import type { UploadStore } from '../store/upload-store.ts';
import { blobKey, type Files } from './files.ts';

/** Ms that a client has for all parts of an upload: OpenAI's own. */
const LIFE = 3_600_000;

/** What a client says of an upload at its beginning. */
export type AboutUpload = Pick<UploadSpec, 'filename' | 'purpose' | 'bytes' | 'life'>;

/** Bytes that are kept, and no part yet. */
export interface ReceivedPart {
  /** Adds it to its upload; its id. */
  keep(): Promise<string>;
  discard(): Promise<void>;
}

/** Files that come in parts. A part is a blob of its own; to complete an upload is to write one blob out of those. */
export class Uploads {
  readonly #store: UploadStore;
  readonly #files: Files;

  constructor(store: UploadStore, files: Files) {
    this.#store = store;
    this.#files = files;
  }

  async create(about: AboutUpload): Promise<Upload> {
    const createdAt = Date.now();
    const spec = { id: newUploadId(), ...about, createdAt, expiresAt: createdAt + LIFE };
    await this.#store.create(spec);
    return { ...spec, status: 'pending', parts: new Map(), file: null };
  }

  /** Keeps the bytes of a part, which becomes one of the upload's or is discarded. Rejects with what `content` throws. */
  async receivePart(id: string, content: AsyncIterable<Uint8Array>): Promise<ReceivedPart> {
    const upload = await this.#require(id);
    if (upload.status !== 'pending') throw notPending(upload);
    const partId = newPartId();
    const key = partKey(id, partId);
    const bytes = await this.#files.blobs.write(key, content);
    const discard = (): Promise<void> => this.#files.blobs.delete(key);
    const keep = async (): Promise<string> => {
      const reply = await this.#store.addPart(upload, partId, bytes);
      if (reply === 'pending') return partId;
      await discard();
      throw reply === null
        ? notFound(id)
        : reply === 'full'
          ? full(upload)
          : notPending({ ...upload, status: reply });
    };
    return { keep, discard };
  }

  /**
   * Makes a file of parts in this order. Who asks again gets the same file; of several who ask at once one makes it. `md5`: of
   * the whole, in hexadecimal digits.
   */
  async complete(id: string, partIds: readonly string[], md5: string | null): Promise<Upload> {
    const upload = await this.#require(id);
    if (upload.status === 'completed') return this.#completed(upload);
    if (upload.status !== 'pending') throw notPending(upload);
    refuseWrongParts(upload, partIds);
    const { bytes, filename, purpose, life } = upload;
    const createdAt = Date.now();
    const expiresAt = expiryOf(purpose, life, createdAt);
    const file: StoredFile = { id: newFileId(), bytes, filename, purpose, createdAt, expiresAt };
    try {
      await this.#files.blobs.write(blobKey(file.id), this.#joined(upload, partIds, md5));
    } catch (error) {
      // Who has completed it meanwhile has removed the parts.
      const now = await this.#require(id);
      if (now.status === 'completed') return this.#completed(now);
      throw error;
    }
    const end = await this.#store.end(id, 'completed', file);
    if (end?.file?.id !== file.id) await this.#files.blobs.delete(blobKey(file.id));
    if (end === null) throw notFound(id);
    const ended: Upload = { ...upload, ...end };
    if (end.status !== 'completed') throw notPending(ended);
    return this.#completed(ended);
  }

  /** Gives an upload up. Doing so again changes nothing. */
  async cancel(id: string): Promise<Upload> {
    const upload = await this.#require(id);
    const end = await this.#store.end(id, 'cancelled', null);
    if (end === null) throw notFound(id);
    if (end.status !== 'cancelled') throw notPending({ ...upload, ...end });
    await this.#removeParts(id);
    return { ...upload, ...end };
  }

  /** Clears away up to `count` uploads whose time is over; how many there were. */
  async sweep(count: number): Promise<number> {
    const ids = await this.#store.takeExpired(count);
    for (const id of ids) {
      const upload = await this.#store.get(id);
      if (upload?.status === 'completed') await this.#writeRecord(upload);
      await this.#removeParts(id);
      await this.#store.cleared(id);
    }
    return ids.length;
  }

  /** The answer of a completed upload, after what one who died may have left to do. */
  async #completed(upload: Upload): Promise<Upload> {
    await this.#writeRecord(upload);
    await this.#removeParts(upload.id);
    return upload;
  }

  /** Once: a client that has its file may have deleted it since. */
  async #writeRecord({ id, file }: Upload): Promise<void> {
    if (file === null || !(await this.#store.isUnwritten(id))) return;
    await this.#files.store.create(file);
    await this.#store.written(id);
  }

  async #removeParts(id: string): Promise<void> {
    const { blobs } = this.#files;
    for await (const { key } of blobs.list(`${UPLOADS_FOLDER}/${id}`)) await blobs.delete(key);
  }

  async *#joined(upload: Upload, partIds: readonly string[], md5: string | null): AsyncGenerator<Uint8Array> {
    const hash = createHash('md5');
    for (const partId of partIds) {
      const part = await this.#files.blobs.read(partKey(upload.id, partId));
      // Another has ended the upload meanwhile.
      if (part === null) throw notPending((await this.#store.get(upload.id)) ?? upload);
      for await (const chunk of part) {
        if (md5 !== null) hash.update(chunk);
        yield chunk;
      }
    }
    if (md5 === null || hash.digest('hex') === md5.toLowerCase()) return;
    throw new SluiceError('invalid_value', 'The MD5 of the parts together is not the one given.', {
      param: 'md5',
    });
  }

  async #require(id: string): Promise<Upload> {
    const upload = await this.#store.get(id);
    if (upload === null) throw notFound(id);
    return upload;
  }
}

/** Where the parts of all uploads are, in a folder each. */
export const UPLOADS_FOLDER = 'uploads';

function partKey(uploadId: string, partId: string): string {
  return `${UPLOADS_FOLDER}/${uploadId}/${partId}`;
}

function refuseWrongParts({ parts, bytes }: Upload, partIds: readonly string[]): void {
  const refuse = (message: string): SluiceError =>
    new SluiceError('invalid_value', message, { param: 'part_ids' });
  const unknown = partIds.find((partId) => !parts.has(partId));
  if (unknown !== undefined) throw refuse(`The upload has no part '${unknown.slice(0, 80)}'.`);
  if (new Set(partIds).size < partIds.length) throw refuse('A part is named twice in part_ids.');
  const sum = partIds.reduce((total, partId) => total + (parts.get(partId) ?? 0), 0);
  if (sum === bytes) return;
  throw refuse(`The parts have ${sum} bytes together, and the upload was created with ${bytes}.`);
}

const ENDED: Readonly<Record<UploadStatus, string>> = {
  pending: 'is being ended by another request',
  completed: 'has been completed',
  cancelled: 'has been cancelled',
  expired: 'has expired: an upload has to be completed within an hour',
};

function notPending({ id, status }: Upload): SluiceError {
  return new SluiceError('upload_not_pending', `Upload '${id}' ${ENDED[status]}.`, { param: 'upload_id' });
}

function full({ bytes }: Upload): SluiceError {
  const message = `The parts would have far more than the ${bytes} bytes that the upload was created with.`;
  return new SluiceError('invalid_value', message, { param: 'data' });
}

function notFound(id: string): SluiceError {
  return new SluiceError('upload_not_found', `No such upload: '${id.slice(0, 80)}'.`, { param: 'upload_id' });
}
