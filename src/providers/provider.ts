import type { ProviderInfo } from '../config/provider-info.ts';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import type { EmbeddingList, EmbeddingRequest } from '../core/embedding.ts';
import type { EmbeddingFormat } from './formats/embedding-format.ts';
import type { Format } from './formats/format.ts';
import type { ProviderCall } from './provider-call.ts';
import type { Upstream } from './upstream.ts';

/**
 * An adapter for one upstream. Completions only stream; a whole one is a fold.
 *
 * `stream` yields a `start` delta first for every choice, a `finish` for every choice that ended, and
 * `usage` at most once, last. It throws a `SluiceError` for everything else that can happen, an upstream
 * that ends without a finish included, and closes the upstream socket as soon as `signal` aborts, then
 * throwing the signal's reason.
 *
 * `embed` is there where the upstream has embeddings. It throws as `stream` does.
 */
export interface Provider {
  readonly name: string;
  stream(request: CompletionRequest, call: ProviderCall): AsyncIterable<Delta>;
  embed?(request: EmbeddingRequest, call: ProviderCall): Promise<EmbeddingList>;
}

/** One call for embeddings. */
export type Embed = NonNullable<Provider['embed']>;

/** Everything that a provider's file says: what it is called and needs, what it speaks, and how it is called. */
export interface ProviderModule {
  readonly info: ProviderInfo;
  /** For `docs/providers.md`. */
  readonly about: ProviderAbout;
  create(upstream: Upstream): Provider['stream'];
  /** How its embeddings are asked for; absent where it has none. */
  createEmbed?(upstream: Upstream): Embed;
}

export interface ProviderAbout {
  /** The formats that it speaks, the usual one first. */
  readonly formats: readonly Format[];
  /** The format of its embeddings, where it has such. */
  readonly embeddings?: EmbeddingFormat;
  /** Where its own documentation is. */
  readonly docs: string;
  /** What is peculiar to it and taken care of, a sentence each, for people. */
  readonly notes: readonly string[];
}
