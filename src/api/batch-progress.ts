import type { Batch } from '../core/batch.ts';
import type { Fields } from '../core/json.ts';
import { writeCost, writeCounts } from './routes/write-batch.ts';

/** Ms over which the rate is measured. */
const RECENT = 30_000;

interface Sample {
  readonly at: number;
  readonly finished: number;
}

/** How many lines have ended, in whatever way. */
export function finishedLines({ counts }: Pick<Batch, 'counts'>): number {
  return counts.completed + counts.failed + counts.cancelled + counts.expired;
}

/** How fast a batch comes along, for one who watches it. */
export class BatchProgress {
  readonly #samples: Sample[];

  /** Until there is a recent past to look at, the batch's own beginning is. */
  constructor(batch: Pick<Batch, 'since'>) {
    const began = batch.since.in_progress;
    this.#samples = began === undefined ? [] : [{ at: began, finished: 0 }];
  }

  /** What there is to tell at `now` (unix ms). Times in seconds; null: nobody can tell yet. */
  tell(batch: Batch, now: number): Fields {
    const finished = finishedLines(batch);
    const began = batch.since.in_progress ?? null;
    if (this.#samples.length === 0 && began !== null) this.#samples.push({ at: began, finished: 0 });
    this.#samples.push({ at: now, finished });
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? now) < now - RECENT) this.#samples.shift();
    const rate = this.#rate(now, finished);
    const left = batch.counts.total - finished;
    return {
      status: batch.status,
      request_counts: writeCounts(batch),
      lines_per_second: rate === null ? null : Math.round(100 * rate) / 100,
      eta: rate === null || rate === 0 || batch.counts.total === 0 ? null : Math.ceil(left / rate),
      elapsed: began === null ? null : Math.round((now - began) / 1000),
      cost: writeCost(batch),
    };
  }

  #rate(now: number, finished: number): number | null {
    const [first] = this.#samples;
    if (first === undefined || now <= first.at) return null;
    return (1000 * (finished - first.finished)) / (now - first.at);
  }
}
