import type { Response } from 'express';
import { jobOf } from '../batches/line-job.ts';
import { outputLine } from '../batches/openai-lines.ts';
import { type Batch, hasEnded, type LineResult } from '../core/batch.ts';
import { Bell } from '../core/bell.ts';
import { costOf } from '../core/job.ts';
import { encodeEvent } from '../core/sse.ts';
import { BatchProgress, finishedLines } from './batch-progress.ts';
import type { ApiParts } from './parts.ts';
import { writeBatch } from './routes/write-batch.ts';
import type { SseResponse } from './sse-response.ts';

/** Ms between two progress events, at least. */
const PROGRESS = 1000;
/** Ms after which the batch is looked at even though nothing was heard of it. */
const LOOK = 5000;

/** The id of the last event: nothing follows it. */
export const END = 'end';

/** What one reader of a batch's events has, and wants. */
export interface BatchReading {
  /** Finished lines that it has. */
  readonly after: number;
  /** With the result of each line. */
  readonly whole: boolean;
}

/** Streams what becomes of a batch: each finished line in the order of gathering, its progress, and its end. */
export async function streamBatch(
  parts: ApiParts,
  batch: Batch,
  reading: BatchReading,
  response: Response,
): Promise<void> {
  const stream = parts.streams.open(response);
  stream.flushHeaders();
  const bell = new Bell();
  stream.gone.addEventListener('abort', () => bell.ring());
  const quiet = await parts.store.batches.onChange(batch.id, () => bell.ring());
  try {
    await new BatchStream(parts, batch, reading, stream).follow(
      () => parts.store.batches.get(batch.id),
      bell,
    );
  } finally {
    quiet();
  }
  stream.end();
}

class BatchStream {
  readonly #parts: Pick<ApiParts, 'store' | 'results'>;
  readonly #batch: Batch;
  readonly #whole: boolean;
  readonly #stream: SseResponse;
  readonly #progress: BatchProgress;
  #sent: number;
  /** Segments of which all lines have been sent. */
  #segments = 0;
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    parts: Pick<ApiParts, 'store' | 'results'>,
    batch: Batch,
    { after, whole }: BatchReading,
    stream: SseResponse,
  ) {
    this.#parts = parts;
    this.#batch = batch;
    this.#whole = whole;
    this.#stream = stream;
    this.#progress = new BatchProgress(batch);
    this.#sent = after;
  }

  /** Until the batch has ended, or the reader is gone. */
  async follow(read: () => Promise<Batch | null>, bell: Bell): Promise<void> {
    while (!this.#stream.gone.aborted) {
      const batch = await read();
      // It has been deleted: who comes again is told so.
      if (batch === null) return this.#stream.drop();
      await this.#lines();
      if (hasEnded(batch.status)) return this.#end(batch);
      const wait = this.#toldAt + PROGRESS - performance.now();
      if (wait <= 0) await this.#tell(batch);
      await bell.wait(wait > 0 && this.#hasNews(batch) ? wait : LOOK);
    }
  }

  async #lines(): Promise<void> {
    const { store, results } = this.#parts;
    for (const segment of await store.batches.segments(this.#batch.id, this.#segments)) {
      for await (const result of results.within(segment, this.#sent)) {
        if (this.#stream.gone.aborted) return;
        this.#sent += 1;
        await this.#write('line', this.#describe(result), String(this.#sent));
      }
      this.#segments += 1;
    }
  }

  #describe(result: LineResult): object {
    const job = jobOf(this.#batch.id, result);
    return {
      line: result.line,
      custom_id: result.customId,
      status: result.status,
      job_id: job?.id ?? null,
      usage: job?.usage ?? null,
      cost: job && costOf(job),
      ...(this.#whole && { result: JSON.parse(outputLine(this.#batch, result).text) }),
    };
  }

  /** Counts and cost say whether something has changed; time passes anyhow. */
  #hasNews({ status, counts, cost }: Batch): boolean {
    return JSON.stringify([status, counts, cost]) !== this.#told;
  }

  async #tell(batch: Batch): Promise<void> {
    if (!this.#hasNews(batch)) return;
    this.#told = JSON.stringify([batch.status, batch.counts, batch.cost]);
    this.#toldAt = performance.now();
    await this.#write('progress', this.#progress.tell(batch, Date.now()));
  }

  async #end(batch: Batch): Promise<void> {
    // Its results were swept under a slow reader: who is told of the end believes to have all of them.
    if (this.#sent < finishedLines(batch)) return this.#stream.drop();
    await this.#write('progress', this.#progress.tell(batch, Date.now()));
    await this.#write(batch.status, writeBatch(batch), END);
  }

  async #write(event: string, data: object, id?: string): Promise<void> {
    const full = this.#stream.write(
      encodeEvent({ event, data: JSON.stringify(data), ...(id !== undefined && { id }) }),
    );
    if (full) await full;
  }
}
