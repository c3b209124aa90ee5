import { type BlobStore, BlobsUnavailable } from '../blobs/blob-store.ts';
import type { LineResult } from '../core/batch.ts';
import { lineOf } from '../core/batch-id.ts';
import type { Segment } from '../store/batches/batch-feed.ts';
import type { BatchStore } from '../store/batches/batch-store.ts';
import type { LineRecords } from '../store/line-records.ts';
import { decodeResults, segmentFolder } from './segments.ts';

/** The finished lines of batches, while a batch runs and, for `result_ttl`, after its end. */
export class BatchResults implements LineRecords {
  readonly #batches: BatchStore;
  readonly #blobs: BlobStore;

  constructor(batches: BatchStore, blobs: BlobStore) {
    this.#batches = batches;
    this.#blobs = blobs;
  }

  /**
   * The finished lines in the order in which they were gathered, after the first `after`, up to the last one that is there
   * now.
   */
  async *read(batchId: string, after = 0): AsyncGenerator<LineResult> {
    for (const segment of await this.#batches.segments(batchId)) yield* this.within(segment, after);
  }

  /** The finished lines of one segment, but for those among the first `after` of the batch. */
  async *within(segment: Segment, after: number): AsyncGenerator<LineResult> {
    if (segment.after + segment.lines <= after) return;
    let position = segment.after;
    for await (const result of this.#decode(segment)) {
      position += 1;
      if (position > after) yield result;
    }
  }

  /** One line's result; null if it has not finished, or its results are not kept any more. */
  async line(batchId: string, line: number): Promise<LineResult | null> {
    const place = await this.#batches.place(batchId, line);
    if (place === null) return null;
    for await (const result of this.some(batchId, place.segment, new Set([line]))) return result;
    return null;
  }

  /** The results of these lines that are in one segment, which is read no further than the last of them. */
  async *some(batchId: string, number: number, lines: ReadonlySet<number>): AsyncGenerator<LineResult> {
    const segment = await this.#batches.segment(batchId, number);
    if (segment === null) return;
    let left = lines.size;
    for await (const result of this.#decode(segment)) {
      if (!lines.has(result.line)) continue;
      yield result;
      left -= 1;
      if (left === 0) return;
    }
  }

  /** The record of a job that is a finished line of a batch; see `store/line-records.ts`. */
  async record(jobId: string): Promise<Readonly<Record<string, string>> | null> {
    const { batchId, line } = lineOf(jobId);
    return line === 0 ? null : ((await this.line(batchId, line))?.record ?? null);
  }

  /** Forgets the results of an ended batch, and what its feeders left behind. */
  async forget(batchId: string): Promise<void> {
    await this.#batches.forgetResults(batchId);
    for await (const { key } of this.#blobs.list(segmentFolder(batchId))) await this.#blobs.delete(key);
  }

  async *#decode(segment: Segment): AsyncGenerator<LineResult> {
    const bytes = await this.#blobs.read(segment.key);
    if (bytes === null) throw new BlobsUnavailable(new Error(`The segment ${segment.key} is not there.`));
    yield* decodeResults(bytes);
  }
}
