import type { BatchResults } from '../batches/batch-results.ts';
import { jobOf } from '../batches/line-job.ts';
import type { Batch } from '../core/batch.ts';
import { lineJobId, lineOf } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import type { Job, JobStatus } from '../core/job.ts';
import { isJobId } from '../core/job-id.ts';
import { type Place, placeIn } from '../store/batches/place.ts';
import type { Store } from '../store/store.ts';
import type { ApiParts } from './parts.ts';

/** Lines that are looked at together once a first look has not filled the page: about those of a segment. */
const TOGETHER = 256;

/** Which jobs of a batch are listed. */
export interface LinePage {
  readonly limit: number;
  readonly status: JobStatus | null;
  /** The id of the last job of the page before. */
  readonly after: string | null;
}

/** A line that may be one of the page; `place`: where its result is, null while it has none. */
interface Wanted {
  readonly line: number;
  readonly place: Place | null;
}

/** The jobs that lines of a batch have become so far, in the order of its input. Lines that were refused are none. */
export async function linesOf(
  { store, results }: Pick<ApiParts, 'store' | 'results'>,
  batch: Batch,
  { limit, status, after }: LinePage,
): Promise<{ jobs: Job[]; more: boolean }> {
  const from = after === null ? 0 : lineAfter(batch, after);
  // In this order: a line that is gathered meanwhile is in both, and not in neither.
  const [window, places] = await Promise.all([store.feed.window(batch.id), store.batches.places(batch.id)]);
  const running = window.map(({ line }) => line);
  const last = Math.max(places.length / 4, ...running);
  const open = new Set(running);
  const jobs: Job[] = [];
  let some: Wanted[] = [];
  let together = limit + 1;
  const take = async (): Promise<void> => {
    const found = await jobsOf(store, results, batch, some);
    jobs.push(...found.filter((job) => status === null || job.status === status));
    some = [];
    together = TOGETHER;
  };
  for (let line = from + 1; line <= last && jobs.length <= limit; line += 1) {
    const place = placeIn(places, line);
    // A line that is in neither is blank, or waits to be fed.
    const wanted = place === null ? open.has(line) : status === null || place.status === status;
    if (wanted) some.push({ line, place });
    if (some.length === together) await take();
  }
  if (jobs.length <= limit) await take();
  return { jobs: jobs.slice(0, limit), more: jobs.length > limit };
}

/** The jobs of these lines, in their order. Each segment is read once, however many of them are in it. */
async function jobsOf(
  store: Store,
  results: BatchResults,
  batch: Batch,
  wanted: readonly Wanted[],
): Promise<Job[]> {
  const jobs = new Map<number, Job>();
  const bySegment = Map.groupBy(wanted, ({ place }) => place?.segment ?? null);
  // What is stored may have been given other metadata since, and is the archive's.
  const elsewhere = (bySegment.get(null) ?? []).map(({ line }) => line);
  for (const [segment, some] of bySegment) {
    if (segment === null) continue;
    for await (const result of results.some(batch.id, segment, new Set(some.map(({ line }) => line)))) {
      const job = jobOf(batch.id, result);
      if (job?.stored) elsewhere.push(result.line);
      else if (job !== null) jobs.set(result.line, job);
    }
  }
  const found = await Promise.all(elsewhere.map((line) => store.jobs.get(lineJobId(batch.id, line))));
  for (const [index, job] of found.entries()) if (job !== null) jobs.set(elsewhere[index] ?? 0, job);
  return wanted.flatMap(({ line }) => jobs.get(line) ?? []);
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
