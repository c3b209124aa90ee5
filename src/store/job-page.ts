import type { Job } from '../core/job.ts';

/** Jobs looked at, at most, to fill one page of a filtered list. */
const SCAN = 5000;

/** A page of a list of jobs. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** Where the next page starts: the last id looked at. Null when there is none. */
  readonly next: string | null;
}

/** What a page is filled from. */
export interface PageTerms {
  /** Up to `count` ids of the list, after the given one. */
  readonly ids: (after: string | null, count: number) => Promise<string[]>;
  readonly read: (jobId: string) => Promise<Job | null>;
  readonly wanted: (job: Job) => boolean;
  readonly after: string | null;
  readonly limit: number;
  /** Jobs that are read at once, which is how many are in memory; by default a page. */
  readonly together?: number;
}

/** Up to `limit` jobs that are wanted, of a list of ids. Ids whose jobs are gone are passed over. */
export async function fillPage({ ids, read, wanted, after, limit, together }: PageTerms): Promise<JobPage> {
  const jobs: Job[] = [];
  let cursor = after;
  for (let scanned = 0; scanned < SCAN; ) {
    const page = await ids(cursor, limit + 1);
    for await (const [id, job] of readAll(page, read, together ?? page.length)) {
      if (job === null || !wanted(job)) continue;
      if (jobs.length === limit) return { jobs, next: cursor };
      jobs.push(job);
      cursor = id;
    }
    if (page.length <= limit) return { jobs, next: null };
    cursor = page.at(-1) ?? cursor;
    scanned += page.length;
  }
  return { jobs, next: cursor };
}

async function* readAll(
  ids: readonly string[],
  read: PageTerms['read'],
  together: number,
): AsyncGenerator<[id: string, job: Job | null]> {
  for (let start = 0; start < ids.length; start += together) {
    const some = ids.slice(start, start + together);
    const jobs = await Promise.all(some.map(read));
    for (const [index, id] of some.entries()) yield [id, jobs[index] ?? null];
  }
}
