import type { ChatCompletion, JobObject } from '../types.ts';
import type { ResultOptions } from './job-result.ts';
import type { JobStream, StreamOptions } from './job-stream.ts';

/** What can be done with a job. */
export interface JobMethods<Result = ChatCompletion> {
  /** Its deltas, from the first one or behind an offset, live or stored. Reconnects by itself. */
  stream(options?: StreamOptions): JobStream;
  /**
   * Its answer, once it has settled.
   *
   * @throws {JobFailedError} or another one of its family, if it did not complete.
   * @throws {WaitTimeoutError} after `timeout` seconds; the job goes on.
   */
  result(options?: ResultOptions): Promise<Result>;
  /** Ends it, and its call to the provider. A job that has settled stays as it is. */
  cancel(): Promise<Job<Result>>;
  /** The same job, as it is now. */
  refresh(options?: { signal?: AbortSignal | undefined }): Promise<Job<Result>>;
  /** Forgets it; it must have settled. */
  delete(): Promise<void>;
  /** Its request again, as a new job; it must have settled. */
  retry(): Promise<Job<Result>>;
}

/** A job as it was when it was fetched, with what can be done with it. As JSON it is what the server sent. */
export type Job<Result = ChatCompletion> = JobObject<Result> & JobMethods<Result>;
