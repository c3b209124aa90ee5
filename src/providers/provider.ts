import type { Deployment } from '../config/config.ts';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';

/**
 * An adapter for one upstream wire format. Providers only stream; a whole answer is a fold.
 *
 * `stream` yields a `start` delta first for every choice, a `finish` for every choice that ended, and
 * `usage` at most once, last. It throws a `SluiceError` for everything else that can happen, an upstream
 * that ends without a finish included, and closes the upstream socket as soon as `signal` aborts, then
 * throwing the signal's reason.
 */
export interface Provider {
  readonly name: string;
  stream(request: CompletionRequest, call: ProviderCall): AsyncIterable<Delta>;
}

export interface ProviderCall {
  readonly deployment: Deployment;
  /** The model to ask upstream for: the deployment's, with `*` filled in. */
  readonly model: string;
  /** The number of the attempt that makes this call, from 1. */
  readonly epoch: number;
  readonly signal: AbortSignal;
}
