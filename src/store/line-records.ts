import type { RecordFields } from './archive/archive.ts';

/** Where the records of jobs are that were lines of a batch, once the batch has gathered them from Redis. */
export interface LineRecords {
  /** Null if there is none: no line of a batch, or one that has not finished, or whose results are not kept any more. */
  record(jobId: string): Promise<RecordFields | null>;
}
