import type { Batch } from '../core/batch.ts';
import { lineJobId, lineOf } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import type { Job, JobStatus } from '../core/job.ts';
import { isJobId } from '../core/job-id.ts';
import { placeIn } from '../store/batches/place.ts';
import type { Store } from '../store/store.ts';

/** Jobs that are read at once: one of a finished line takes reading a segment. */
const TOGETHER = 8;

/** Which jobs of a batch are listed. */
export interface LinePage {
  readonly limit: number;
  readonly status: JobStatus | null;
  /** The id of the last job of the page before. */
  readonly after: string | null;
}

/** The jobs that lines of a batch have become so far, in the order of its input. Lines that were refused are none. */
export async function linesOf(
  store: Store,
  batch: Batch,
  { limit, status, after }: LinePage,
): Promise<{ jobs: Job[]; more: boolean }> {
  const from = after === null ? 0 : lineAfter(batch, after);
  const [places, window] = await Promise.all([store.batches.places(batch.id), store.feed.window(batch.id)]);
  const running = window.map(({ line }) => line);
  const last = Math.max(places.length / 4, ...running);
  const open = new Set(running);
  const jobs: Job[] = [];
  let some: number[] = [];
  const take = async (): Promise<void> => {
    const found = await Promise.all(some.map((line) => store.jobs.get(lineJobId(batch.id, line))));
    jobs.push(
      ...found.filter((job) => job !== null).filter((job) => status === null || job.status === status),
    );
    some = [];
  };
  for (let line = from + 1; line <= last && jobs.length <= limit; line += 1) {
    const place = placeIn(places, line);
    // A line that is in neither is blank, or waits to be fed.
    const wanted = open.has(line) || (place !== null && (status === null || place.status === status));
    if (wanted) some.push(line);
    if (some.length === TOGETHER) await take();
  }
  await take();
  return { jobs: jobs.slice(0, limit), more: jobs.length > limit };
}

function lineAfter(batch: Batch, jobId: string): number {
  const found = isJobId(jobId) ? lineOf(jobId) : null;
  if (found !== null && found.batchId === batch.id) return found.line;
  throw new SluiceError(
    'invalid_value',
    "Invalid value for 'after': expected the id of a job of this batch.",
    {
      param: 'after',
    },
  );
}
