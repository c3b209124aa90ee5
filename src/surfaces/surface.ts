import type { z } from 'zod';
import type { Completion } from '../core/completion.ts';
import type { ErrorBody } from '../core/errors.ts';
import type { CompletionContent, Job, JobAnswer, JobRequest, JobSpec } from '../core/job.ts';
import type { Fields } from '../core/json.ts';
import type { LogEntry } from '../core/log-entry.ts';
import type { StreamStart } from './stream-start.ts';

/**
 * A wire format that clients speak, as a pure codec: requests in, answers out, whole or streamed. It knows neither HTTP nor
 * Redis; `handle-request.ts` brings every surface to the queue in the same way.
 */
export interface Surface<Body = unknown> {
  /** The endpoint whose requests these are. Jobs name it, and may be submitted under it. */
  readonly url: string;
  /** What a request body must be. The API's own description is made of it, too. */
  readonly schema: z.ZodType<Body>;
  /** An answer has words of its own for a job that failed, so it can be told after the status line is out. */
  readonly tellsFailures: boolean;
  /** Its answers come at once: there are no partial ones, and none to stream. Absent: they come in deltas. */
  readonly wholeOnly?: true;
  /** Fields of the body that clients may send as headers instead: their names, by those of the headers. */
  readonly headerFields?: Readonly<Record<string, string>>;
  /** The job whose answer this request goes on from; null if there is none. Where a surface has no such thing, absent. */
  previous?(body: Body): PreviousAnswer | null;
  /** The jobs of whose answers this request names parts. Where a surface has no such thing, absent. */
  named?(body: Body): readonly string[];
  /**
   * The request in canonical terms. `named`: the answers of those jobs of `named()` that there are, by their ids. Throws a `SluiceError` for
   * what the schema cannot tell is wrong.
   */
  parse(
    body: Body,
    previous: CompletionContent | null,
    named?: ReadonlyMap<string, Completion>,
  ): SurfaceRequest;
  /** A job's answer as one JSON object: whole once it has settled, else as far as it is known. */
  write(job: Job, answer: JobAnswer): object;
  /**
   * A job's log as a stream of events. The same log gives the same bytes, whenever it is read; `from` only leaves out what
   * a reader has, or is spared. Absent: the reader is there from the beginning.
   */
  open(job: StreamedJob, echo: Fields | null, from?: StreamStart): SurfaceStream;
}

/** The answer that a request goes on from, and where the request says so. */
export interface PreviousAnswer {
  /** Null for an id that no answer of this surface can have. */
  readonly jobId: string | null;
  /** The id as the client wrote it. */
  readonly id: string;
  readonly param: string;
}

/** A request as a surface has understood it. */
export interface SurfaceRequest {
  readonly request: JobRequest;
  readonly stream: boolean;
  /** The client does not wait for the end: it polls, or follows the stream as long as it likes. */
  readonly background: boolean;
  /** The answer is kept for `stored_ttl` and can be retrieved by its id. */
  readonly stored: boolean;
  /** The client said by itself that it wants the answer kept, so its going away cancels nothing. */
  readonly keepsOn: boolean;
  readonly metadata: Record<string, string> | null;
  /** What of the request the answer repeats; kept with the job. */
  readonly echo: Fields | null;
}

/** What a request says in a format that has no words for keeping answers: its client waits for the end. */
export const NOTHING_KEPT = { background: false, stored: false, keepsOn: false, metadata: null } as const;

/** What a stream says of its job. */
export type StreamedJob = Pick<JobSpec, 'id' | 'model' | 'createdAt' | 'metadata' | 'stored'>;

/** One reader's stream of a job, from the log's first entry on. */
export interface SurfaceStream {
  /** Events that need no entry of the log: sent at once where there are any. */
  begin(): string;
  /** The events of the log's next entry; may be none. */
  write(entry: LogEntry): string;
  /** Nothing follows: the terminal entry has been written, or an attempt cannot go on where this text stopped. */
  readonly ended: boolean;
  /** The last event of a stream that cannot go on. */
  fail(error: ErrorBody): string;
}
