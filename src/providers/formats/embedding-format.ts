import type { Usage } from '../../core/completion.ts';
import type { Fields } from '../../core/json.ts';
import type { EmbeddingLimits, PreparedEmbedding } from '../request/prepared-embedding.ts';

/** A wire format of embeddings: how they are asked for, and how an answer is read. Pure, as `Format` is. */
export interface EmbeddingFormat extends EmbeddingLimits {
  /** For people: `OpenAI embeddings`. */
  readonly name: string;
  /** The body of the request, to be sent as JSON. */
  encode(request: PreparedEmbedding): object;
  /** What an answer holds. It may be anything: what is not there is left out, which the caller notices. */
  read(answer: Fields): EmbeddingAnswer;
}

/** What came of a call. */
export interface EmbeddingAnswer {
  /** In the order of the inputs: numbers, or the base64 of little-endian float32s. */
  readonly vectors: readonly unknown[];
  readonly usage: Usage | null;
}
