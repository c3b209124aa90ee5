import type { ChatCompletion, JobObject, JobStatus } from '../types.ts';
import type { ResultOptions } from './job-result.ts';
import type { JobStream, StreamOptions } from './job-stream.ts';

/** What can be done with a job, by its id. */
export interface JobActions {
  stream(id: string, options?: StreamOptions): JobStream;
  result<Result>(id: string, options?: ResultOptions): Promise<Result>;
  cancel<Result>(id: string): Promise<Job<Result>>;
  retrieve<Result>(id: string, options: { signal?: AbortSignal | undefined }): Promise<Job<Result>>;
  delete(id: string): Promise<void>;
  retry<Result>(id: string): Promise<Job<Result>>;
}

/** A job as it was when it was fetched, and what can be done with it. As JSON it is what the server sent. */
export class Job<Result = ChatCompletion> {
  /** All that the server says of it. */
  readonly data: JobObject<Result>;
  readonly #jobs: JobActions;

  constructor(jobs: JobActions, data: JobObject<Result>) {
    this.#jobs = jobs;
    this.data = data;
  }

  get id(): string {
    return this.data.id;
  }

  /** When it was fetched. */
  get status(): JobStatus {
    return this.data.status;
  }

  /** Its deltas, from the first one or behind an offset, live or stored. Reconnects by itself. */
  stream(options?: StreamOptions): JobStream {
    return this.#jobs.stream(this.id, options);
  }

  /**
   * Its answer, once it has settled.
   *
   * @throws {JobFailedError} or another one of its family, if it did not complete.
   * @throws {WaitTimeoutError} after `timeout` seconds; the job goes on.
   */
  result(options?: ResultOptions): Promise<Result> {
    return this.#jobs.result<Result>(this.id, options);
  }

  /** Ends it, and its call to the provider. A job that has settled stays as it is. */
  cancel(): Promise<Job<Result>> {
    return this.#jobs.cancel<Result>(this.id);
  }

  /** The same job, as it is now. */
  refresh(options: { signal?: AbortSignal | undefined } = {}): Promise<Job<Result>> {
    return this.#jobs.retrieve<Result>(this.id, options);
  }

  /** Forgets it; it must have settled. */
  delete(): Promise<void> {
    return this.#jobs.delete(this.id);
  }

  /** Its request again, as a new job; it must have settled. */
  retry(): Promise<Job<Result>> {
    return this.#jobs.retry<Result>(this.id);
  }

  toJSON(): JobObject<Result> {
    return this.data;
  }
}
