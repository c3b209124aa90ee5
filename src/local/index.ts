/**
 * `completion()` and `acompletion()` in this process: the same functions as the package's main export, on the same providers as
 * the server, without a server. For scripts: a call ends with the process, and nobody can go on reading it.
 */
import { createLocalCompletions } from './local-completions.ts';

export { stream_chunk_builder } from '../client/completion/chunk-builder.ts';
export type * from '../client/completion/completion-options.ts';
export { CompletionStream } from '../client/completion/completion-stream.ts';
export type { AsyncCompletionFunction, CompletionFunction } from '../client/completion/create-completions.ts';
export type { LoggedCall } from '../client/completion/logged-call.ts';
export * from '../client/errors.ts';
export type * from '../client/types.ts';

const { completion: call, acompletion: acall } = createLocalCompletions(process.env);

/**
 * Asks a model: one of `sluice.yaml` (or of the file that SLUICE_CONFIG names), or without a file one of any provider whose key
 * is in the environment. `apiKey` and `baseURL` say otherwise for one call. With `stream: true` the chunks:
 * `for await (const chunk of completion({ model, messages, stream: true })) …`. Else a promise of the whole answer.
 *
 * @throws {APIError}
 */
export const completion = call;

/** The same, as a promise of either: `const stream = await acompletion({ …, stream: true })`. */
export const acompletion = acall;
