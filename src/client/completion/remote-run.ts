import { APIError } from '../errors.ts';
import type { Transport } from '../http/transport.ts';
import { unlessAborted } from '../http/waiting.ts';
import type { Job } from '../jobs/job.ts';
import { resultOf, type SettledJob, waitForJob } from '../jobs/job-result.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { ChatCompletion } from '../types.ts';
import type { CompletionOptions } from './completion-options.ts';
import type { CallReport } from './logged-call.ts';
import type { RequestBody, Run, RunChunk } from './run.ts';

/** A call that a server carries out as a job. */
export class RemoteRun implements Run {
  readonly accepted: Promise<Job>;
  readonly #transport: Transport;
  readonly #jobs: Jobs;
  readonly #options: CompletionOptions;

  constructor(transport: Transport, jobs: Jobs, body: RequestBody, options: CompletionOptions) {
    this.#transport = transport;
    this.#jobs = jobs;
    this.#options = options;
    const { timeout, idempotencyKey, signal } = options;
    // Not to be aborted: of a job that has no id here, nobody could be told that it is not wanted any more.
    this.accepted = (
      signal?.aborted
        ? Promise.reject(signal.reason)
        : jobs.submit<ChatCompletion, RequestBody>({ body, timeout }, { idempotencyKey })
    ).catch((error: unknown) => {
      throw asWritten(error);
    });
    // Here and not where it is read: it may never be.
    signal?.addEventListener('abort', this.leave);
  }

  async *chunks(): AsyncGenerator<RunChunk, void, undefined> {
    const { signal, onAttempt } = this.#options;
    let ended = false;
    try {
      const job = await unlessAborted(this.accepted, signal);
      yield* job.stream({ signal, onAttempt });
      ended = true;
    } catch (error) {
      ended = true;
      throw error;
    } finally {
      signal?.removeEventListener('abort', this.leave);
      if (!ended) this.leave();
    }
  }

  async whole(): Promise<ChatCompletion> {
    const { signal } = this.#options;
    try {
      const job = await unlessAborted(this.accepted, signal);
      const settled: SettledJob<ChatCompletion> = await waitForJob(this.#transport, job.id, { signal });
      return resultOf(settled);
    } finally {
      signal?.removeEventListener('abort', this.leave);
    }
  }

  async report(): Promise<CallReport> {
    const known: CallReport = { attempt: 0, usage: null, cost: null, job_id: null };
    try {
      const { id } = await this.accepted;
      const { attempts, usage, cost } = (await this.#jobs.retrieve(id)).data;
      return { attempt: attempts.length, usage, cost, job_id: id };
    } catch {
      return known;
    }
  }

  /** Nobody waits for the job any more. What cannot be reached to be told so goes on, and comes to its end. */
  readonly leave = (): void => {
    if (this.#options.onDisconnect === 'continue') return;
    this.accepted.then(({ id }) => this.#jobs.cancel(id)).catch(() => {});
  };
}

/** Where a job's request stands in what is sent. */
const BODY = 'body.';

/** A mistake in the request, at the place where its author has it. */
function asWritten(error: unknown): unknown {
  if (!(error instanceof APIError) || !error.param?.startsWith(BODY)) return error;
  const { param: sent, message, ...details } = error;
  const param = sent.slice(BODY.length);
  const kind = error.constructor as typeof APIError;
  return new kind(
    message.replace(`'${sent}'`, () => `'${param}'`),
    { ...details, param, cause: error },
  );
}
