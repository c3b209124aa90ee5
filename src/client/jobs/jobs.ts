import { newIdempotencyKey } from '../http/idempotency.ts';
import { type Page, PagePromise } from '../http/pages.ts';
import type { Call, Transport } from '../http/transport.ts';
import type { ChatCompletion, ChatMessage, JobObject, JobRequest, JobStatus } from '../types.ts';
import { Job, type JobActions } from './job.ts';
import { jobPath } from './job-path.ts';
import { type ResultOptions, resultOf, waitForJob } from './job-result.ts';
import { JobStream, type StreamOptions } from './job-stream.ts';

/** For requests that make something. */
export interface SubmitOptions {
  /** The same key makes the same job, however often it is sent. Default: one is made for this call and its retries. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `client.jobs`: completions as durable jobs, `/v1/jobs`. */
export class Jobs implements JobActions {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Submits a request; resolves once it is accepted, which means that it will settle. */
  async submit<Result = ChatCompletion, Body = JobRequest['body']>(
    request: JobRequest<Body>,
    options: SubmitOptions = {},
  ): Promise<Job<Result>> {
    return this.#post('/v1/jobs', options, { json: request });
  }

  /** `wait`: seconds to wait for its end, at most 60. `partial`: with the answer so far. */
  async retrieve<Result = ChatCompletion>(
    id: string,
    options: { wait?: number; partial?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<Job<Result>> {
    const { wait = 0, partial, signal } = options;
    const query = { ...(wait > 0 && { wait }), ...(partial && { partial }) };
    return new Job<Result>(this, await this.#transport.json(jobPath(id), { query, wait, signal, jobId: id }));
  }

  /** Newest first. `await` gives a page, `for await` all of them. */
  list(options: { status?: JobStatus; limit?: number; after?: string } = {}): PagePromise<JobObject> {
    const { after: first, ...query } = options;
    return new PagePromise<JobObject>(
      (after) => this.#transport.json<Page<JobObject>>('/v1/jobs', { query: { ...query, after } }),
      first,
    );
  }

  async cancel<Result = ChatCompletion>(id: string): Promise<Job<Result>> {
    return new Job<Result>(
      this,
      await this.#transport.json(`${jobPath(id)}/cancel`, { method: 'POST', jobId: id }),
    );
  }

  async delete(id: string): Promise<void> {
    await this.#transport.json(jobPath(id), { method: 'DELETE', jobId: id });
  }

  async retry<Result = ChatCompletion>(id: string, options: SubmitOptions = {}): Promise<Job<Result>> {
    return this.#post(`${jobPath(id)}/retry`, options, { jobId: id });
  }

  stream(id: string, options: StreamOptions = {}): JobStream {
    return new JobStream(this.#transport, id, options);
  }

  async result<Result = ChatCompletion>(id: string, options: ResultOptions = {}): Promise<Result> {
    return resultOf(await waitForJob<Result>(this.#transport, id, options));
  }

  /** The conversation that a completed chat completion was asked to go on from; of one with `store: true` only. */
  messages(id: string): PagePromise<ChatMessage & { id: string }> {
    const path = `/v1/chat/completions/${encodeURIComponent(id.replace(/^job_/, 'chatcmpl-'))}/messages`;
    return new PagePromise((after) =>
      this.#transport.json(path, { query: { limit: 100, after }, jobId: id }),
    );
  }

  /**
   * Its events as the server sends them, for a server of your own to hand on: `return client.jobs.events(id, { lastEventId })`
   * from a route handler. Ends where the connection does.
   */
  events(
    id: string,
    options: { lastEventId?: string | null; signal?: AbortSignal | undefined } = {},
  ): Promise<Response> {
    const { lastEventId, signal } = options;
    const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
    return this.#transport.request(`${jobPath(id)}/events`, { headers, signal, jobId: id });
  }

  async #post<Result>(path: string, options: SubmitOptions, call: Call): Promise<Job<Result>> {
    const { idempotencyKey = newIdempotencyKey(), signal } = options;
    const headers = { 'Idempotency-Key': idempotencyKey };
    return new Job<Result>(
      this,
      await this.#transport.json(path, { method: 'POST', ...call, headers, signal }),
    );
  }
}
