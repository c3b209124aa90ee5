import type { Response } from 'express';
import type { BatchResults } from '../batches/batch-results.ts';
import { jobOf } from '../batches/line-job.ts';
import { outputLine } from '../batches/openai-lines.ts';
import { type Batch, hasEnded, type LineResult } from '../core/batch.ts';
import { Bell } from '../core/bell.ts';
import { costOf } from '../core/job.ts';
import { encodeEvent } from '../core/sse.ts';
import { requireBatch } from './batch-access.ts';
import { BatchProgress } from './batch-progress.ts';
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
    await new BatchStream(parts.results, batch, reading, stream).follow(
      () => requireBatch(parts.store, batch.id),
      bell,
    );
  } finally {
    quiet();
  }
  stream.end();
}

class BatchStream {
  readonly #results: BatchResults;
  readonly #batch: Batch;
  readonly #whole: boolean;
  readonly #stream: SseResponse;
  readonly #progress: BatchProgress;
  #sent: number;
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(results: BatchResults, batch: Batch, { after, whole }: BatchReading, stream: SseResponse) {
    this.#results = results;
    this.#batch = batch;
    this.#whole = whole;
    this.#stream = stream;
    this.#progress = new BatchProgress(batch);
    this.#sent = after;
  }

  /** Until the batch has ended, or the reader is gone. */
  async follow(read: () => Promise<Batch>, bell: Bell): Promise<void> {
    while (!this.#stream.gone.aborted) {
      const batch = await read();
      await this.#lines();
      if (hasEnded(batch.status)) return this.#end(batch);
      const wait = this.#toldAt + PROGRESS - performance.now();
      if (wait <= 0) await this.#tell(batch);
      await bell.wait(wait > 0 && this.#hasNews(batch) ? wait : LOOK);
    }
  }

  async #lines(): Promise<void> {
    for await (const result of this.#results.read(this.#batch.id, this.#sent)) {
      if (this.#stream.gone.aborted) return;
      this.#sent += 1;
      await this.#write('line', this.#describe(result), String(this.#sent));
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
