import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Settings } from '../config/config.ts';
import { type BlobInfo, type BlobStore, checkKey, unavailable } from './blob-store.ts';
import { Source } from './source.ts';

/** Ms until a connection stands, and until a request that has been sent is answered. The client tries three times. */
const CONNECT_TIMEOUT = 5000;
const REQUEST_TIMEOUT = 60_000;
/** Ms that an answer's body may be silent while somebody waits for more of it. */
const BODY_TIMEOUT = 30_000;
/** Bytes of a part of a large blob: the least that S3 takes, of 10,000 parts, so 48 GB; and how many are sent at once. */
const PART_SIZE = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** Blobs as objects of an S3 bucket, or of whatever speaks like one. */
export class S3Blobs implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ bucket, region, endpoint, prefix, credentials, forcePathStyle }: S3Settings) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#client = new S3Client({
      region,
      forcePathStyle,
      ...(endpoint !== null && { endpoint }),
      // A copy: the client writes into it.
      ...(credentials !== null && { credentials: { ...credentials } }),
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT,
        requestTimeout: REQUEST_TIMEOUT,
        throwOnRequestTimeout: true,
      },
      // Not every store knows the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<number> {
    const source = new Source(content);
    const body = Readable.from(source, { highWaterMark: 1 });
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#object(key), Body: body },
      partSize: PART_SIZE,
      queueSize: PARTS_AT_ONCE,
      // What is incomplete is never an object; this frees its parts as well.
      leavePartsOnError: false,
    });
    try {
      await upload.done();
      return source.bytes;
    } catch (error) {
      throw source.reason(error, unavailable);
    } finally {
      body.destroy();
    }
  }

  async read(key: string, start = 0, end?: number): Promise<Readable | null> {
    const object = this.#object(key);
    if (end !== undefined && end <= start) {
      const found = await unlessMissing(this.#client.send(new HeadObjectCommand(object)));
      return found && Readable.from([]);
    }
    // A range of an empty object is an error.
    const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ? end - 1 : ''}` };
    try {
      const found = await unlessMissing(this.#client.send(new GetObjectCommand({ ...object, ...range })));
      return found && Readable.from(patiently(found.Body as Readable), { objectMode: false });
    } catch (error) {
      if (statusOf(error) === 416) return Readable.from([]);
      throw unavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    await unlessMissing(this.#client.send(new DeleteObjectCommand(this.#object(key))));
  }

  async *list(prefix: string): AsyncGenerator<BlobInfo> {
    checkKey(prefix);
    const terms = { Bucket: this.#bucket, Prefix: `${this.#prefix}${prefix}/` };
    try {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, terms)) {
        for (const { Key = '', Size = 0, LastModified } of Contents) {
          const writtenAt = LastModified?.getTime() ?? Date.now();
          yield { key: Key.slice(this.#prefix.length), bytes: Size, writtenAt };
        }
      }
    } catch (error) {
      throw unavailable(error);
    }
  }

  async tidy(before: number): Promise<void> {
    const where = { Bucket: this.#bucket };
    let marker: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
    while (marker !== null) {
      const page = await this.#unfinished(marker);
      for (const { Key, UploadId, Initiated } of page?.Uploads ?? []) {
        if ((Initiated?.getTime() ?? Date.now()) >= before) continue;
        const abort = new AbortMultipartUploadCommand({ ...where, Key, UploadId });
        await unlessMissing(this.#client.send(abort));
      }
      const { NextKeyMarker, NextUploadIdMarker } = page ?? {};
      const more = page?.IsTruncated && NextKeyMarker && NextUploadIdMarker;
      marker = more ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : null;
    }
  }

  /** A page of the uploads that have not been completed; null where the store cannot list them. */
  async #unfinished(marker: { KeyMarker?: string; UploadIdMarker?: string }) {
    const terms = { Bucket: this.#bucket, Prefix: this.#prefix, ...marker };
    try {
      return await this.#client.send(new ListMultipartUploadsCommand(terms));
    } catch (error) {
      // It has rules of its own for them, then.
      if (statusOf(error) === 501) return null;
      throw unavailable(error);
    }
  }

  #object(key: string): { Bucket: string; Key: string } {
    checkKey(key);
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}

/** The body of an answer, until it stalls. Only waiting counts: who reads it may be slow. */
async function* patiently(body: Readable): AsyncGenerator<Uint8Array> {
  const stalled = new Error(`The storage has sent nothing for ${BODY_TIMEOUT} ms.`);
  const timer = setTimeout(() => body.destroy(stalled), BODY_TIMEOUT);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer.refresh();
    }
  } catch (error) {
    throw unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    // A bucket that is missing is a mistake of the operator's, not an empty one.
    const missing = statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
    if (missing) return null;
    throw statusOf(error) === 416 ? error : unavailable(error);
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
