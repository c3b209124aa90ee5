import type { AttemptEvent, ChatRequest } from '../types.ts';
import type { LoggedCall } from './logged-call.ts';

/**
 * What `completion()` takes besides the request. In `sluice/local` a call has no job: `onDisconnect` and `idempotencyKey` change
 * nothing there.
 */
export interface CompletionOptions {
  /** Fields of the request that are not listed in {@link ChatRequest}. */
  readonly extra_body?: Readonly<Record<string, unknown>> | undefined;
  /** Told of the call before and after it; LiteLLM's. What it throws is ignored. */
  readonly logger_fn?: ((call: LoggedCall) => unknown) | undefined;
  /** Seconds that the call may take; then it fails with a JobExpiredError. */
  readonly timeout?: number | undefined;
  /** Ends the call, and with it the job, unless `onDisconnect` is `continue`. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a call that is aborted, or a stream that is left early, cancels its job. Default `cancel`. */
  readonly onDisconnect?: 'cancel' | 'continue' | undefined;
  /** A further attempt begins: discard the text so far. Without this, a stream ends there with an error. */
  readonly onAttempt?: ((attempt: AttemptEvent) => void) | undefined;
  /** The same key makes the same job. Default: one is made for this call and its retries. */
  readonly idempotencyKey?: string | undefined;
  /** Where the server is. Default: `SLUICE_BASE_URL`. In `sluice/local`: where the provider is, as LiteLLM's `api_base`. */
  readonly baseURL?: string | undefined;
  /** The server's key. Default: `SLUICE_API_KEY`. In `sluice/local`: the provider's, as LiteLLM's `api_key`. Null: none. */
  readonly apiKey?: string | null | undefined;
}

/** A request and how to carry it out. */
export type CompletionParams = ChatRequest & CompletionOptions & { stream?: boolean | null | undefined };
/** The same where chunks are wanted. */
export type StreamingParams = CompletionParams & { stream: true };
/** The same where the whole answer is wanted. */
export type WholeParams = CompletionParams & { stream?: false | null | undefined };
