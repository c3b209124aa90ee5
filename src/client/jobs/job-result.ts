import { errorOfJob } from '../error-of.ts';
import { WaitTimeoutError } from '../errors.ts';
import { Patience } from '../http/patience.ts';
import type { Transport } from '../http/transport.ts';
import { sleep, timerOf } from '../http/waiting.ts';
import type { ChatCompletion, JobObject, JobOutcome } from '../types.ts';
import { jobPath } from './job-path.ts';

/** How long to wait for a job. */
export interface ResultOptions {
  /** Seconds. Default: as long as it takes. */
  readonly timeout?: number | undefined;
  /** Ends the wait; the job goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Seconds that one request waits for the end of a job; the server's limit is 60. */
const WAIT = 30;

/**
 * Waits until a job has settled, through outages of the server as long as streams do (`reconnectFor`).
 *
 * @throws {WaitTimeoutError} when `timeout` has passed. The job goes on.
 */
export async function waitForJob<Result = ChatCompletion>(
  transport: Transport,
  jobId: string,
  { timeout, signal }: ResultOptions = {},
): Promise<SettledJob<Result>> {
  const until = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + 1000 * timeout;
  const late = timeout === undefined ? undefined : AbortSignal.timeout(timerOf(timeout + GRACE));
  const both = signal && late ? AbortSignal.any([signal, late]) : (signal ?? late);
  const patience = new Patience(transport.reconnectFor);
  for (;;) {
    const left = Math.max(0, (until - performance.now()) / 1000);
    const wait = Math.min(WAIT, Math.ceil(left));
    const job = await transport
      .json<JobObject<Result>>(jobPath(jobId), { query: { wait }, wait, signal: both, jobId })
      .catch(async (error: unknown) => {
        signal?.throwIfAborted();
        if (late?.aborted) return null;
        patience.fail(error);
        await sleep(patience.delay, both).catch(() => {});
        return null;
      });
    if (job !== null) patience.renew();
    if (job !== null && isSettled(job)) return job;
    if (late?.aborted || performance.now() >= until)
      throw notSettled(jobId, job?.status ?? 'out of reach', timeout ?? 0);
  }
}

/** Seconds that the last request of a wait has beyond it, to come back. */
const GRACE = 1;

/** A job that has settled. */
export type SettledJob<Result> = JobObject<Result> & { status: JobOutcome['status'] };

function isSettled<Result>(job: JobObject<Result>): job is SettledJob<Result> {
  return job.status !== 'queued' && job.status !== 'in_progress';
}

/** The answer of a settled job. @throws {JobFailedError} or another one of its family, if it did not complete. */
export function resultOf<Result>(job: SettledJob<Result>): Result {
  if (job.status !== 'completed') throw errorOfJob(job.status, job.error, job.id);
  return job.result as Result;
}

function notSettled(jobId: string, status: string, timeout: number): WaitTimeoutError {
  const message = `The job ${jobId} is still ${status} after ${timeout} s. It goes on: wait again, or follow it.`;
  return new WaitTimeoutError(message, { code: 'wait_timeout', retryable: true, jobId });
}
