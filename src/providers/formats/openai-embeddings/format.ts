import type { Usage } from '../../../core/completion.ts';
import { promptUsage } from '../../../core/embedding.ts';
import { countIn, type Fields, fieldsOf, objectsIn, presentIn } from '../../../core/json.ts';
import type { EmbeddingLimits, PreparedEmbedding } from '../../request/prepared-embedding.ts';
import type { EmbeddingAnswer, EmbeddingFormat } from '../embedding-format.ts';

/** How a vendor's dialect of OpenAI's embeddings differs from it. */
export interface EmbeddingDialect extends EmbeddingLimits {
  /** True where vectors are asked for as base64, a quarter of the bytes; many servers know numbers alone. */
  readonly base64?: boolean;
  /** True for those that have a place for `user`. */
  readonly user?: boolean;
  /** Its own name of `dimensions`. */
  readonly dimensionsName?: string;
}

/** What holds for OpenAI itself, and for those who serve its models. */
export const OPENAI_DIALECT: EmbeddingDialect = { base64: true, user: true };

/** OpenAI's embeddings in one vendor's dialect. */
export function openAiEmbeddings(dialect: EmbeddingDialect): EmbeddingFormat {
  return {
    name: 'OpenAI embeddings',
    ...dialect,
    encode: (request) => encode(request, dialect),
    read,
  };
}

function encode(request: PreparedEmbedding, { base64, user, dimensionsName }: EmbeddingDialect): Fields {
  const { model, inputs, dimensions, extras } = request;
  return {
    model,
    input: inputs,
    ...(base64 && { encoding_format: 'base64' }),
    ...(dimensions !== null && { [dimensionsName ?? 'dimensions']: dimensions }),
    ...(user && request.user !== null && { user: request.user }),
    ...extras,
  };
}

function read({ data, usage }: Fields): EmbeddingAnswer {
  const inOrder = objectsIn(data).sort((one, other) => indexOf(one) - indexOf(other));
  return { vectors: inOrder.map(({ embedding }) => embedding), usage: usageOf(usage) };
}

function indexOf({ index }: Fields): number {
  return countIn(index) ?? 0;
}

/** What a server adds to its counts (cost, details) is kept. */
function usageOf(value: unknown): Usage | null {
  const usage = fieldsOf(value);
  const tokens = countIn(usage.prompt_tokens) ?? countIn(usage.total_tokens);
  if (tokens === null) return null;
  return { ...presentIn(usage), ...promptUsage(tokens) };
}
