/**
 * Sluice's client: completions that do not die with a connection. `completion()` and `acompletion()` as LiteLLM has them, and
 * {@link Sluice} for jobs and batches. Runs wherever there is `fetch`.
 */
import type { CompletionOptions } from './completion/completion-options.ts';
import { createCompletions } from './completion/create-completions.ts';
import { RemoteRun } from './completion/remote-run.ts';
import { Transport } from './http/transport.ts';
import { Jobs } from './jobs/jobs.ts';

export type * from './batches/batch-types.ts';
export type { BatchRequest, BatchRun, BatchStreamOptions, RunOptions } from './batches/batches.ts';
export type { FileObject } from './batches/files.ts';
export { stream_chunk_builder } from './completion/chunk-builder.ts';
export type * from './completion/completion-options.ts';
export { CompletionStream } from './completion/completion-stream.ts';
export type { AsyncCompletionFunction, CompletionFunction } from './completion/create-completions.ts';
export type { LoggedCall } from './completion/logged-call.ts';
export * from './errors.ts';
export type { Page, PagePromise } from './http/pages.ts';
export { Job } from './jobs/job.ts';
export type { ResultOptions } from './jobs/job-result.ts';
export { type JobDelta, JobStream, type StreamOptions } from './jobs/job-stream.ts';
export type { SubmitOptions } from './jobs/jobs.ts';
export { type Health, type Model, Sluice, type SluiceOptions } from './sluice.ts';
export type * from './types.ts';

const { completion: call, acompletion: acall } = createCompletions((body, options: CompletionOptions) => {
  const transport = new Transport({ baseURL: options.baseURL, apiKey: options.apiKey });
  return new RemoteRun(transport, new Jobs(transport), body, options);
});

/**
 * Asks a model, by way of the server that `baseURL` or `SLUICE_BASE_URL` names. With `stream: true` the chunks, at once:
 * `for await (const chunk of completion({ model, messages, stream: true })) …`. Else a promise of the whole answer.
 *
 * @throws {APIError}
 */
export const completion = call;

/** The same, as a promise of either: `const stream = await acompletion({ …, stream: true })`. */
export const acompletion = acall;
