import type { Job } from '../core/job.ts';

/** Where a reader of a stream begins. */
export interface StreamStart {
  /** The number of the last event that it has, in protocols that count their events; null where it has none. */
  readonly after: number | null;
  /** The first attempt that may still be the one that answers: those before it are over. */
  readonly epoch: number;
}

/** The stream of a job that has just been submitted. */
export const FROM_THE_BEGINNING: StreamStart = { after: null, epoch: 0 };

/** Where a reader begins who comes to a job as it is now. */
export function startAt(job: Pick<Job, 'status' | 'epoch'>, after: number | null): StreamStart {
  return { after, epoch: job.status === 'queued' ? job.epoch + 1 : job.epoch };
}
