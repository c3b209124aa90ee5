import { promptUsage } from '../../../core/embedding.ts';
import { countIn, type Fields, fieldsOf } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingFormat } from '../embedding-format.ts';

/** What texts are embedded for where nobody says: Cohere's models want to know. */
const INPUT_TYPE = 'search_document';

/** Cohere's second version of embed, https://docs.cohere.com/reference/embed. */
export const cohereEmbeddings: EmbeddingFormat = {
  name: 'Cohere embed',
  tokens: false,
  maxInputs: 96,
  encode: ({ model, texts, dimensions, extras }) => ({
    model,
    texts,
    input_type: INPUT_TYPE,
    ...(dimensions !== null && { output_dimension: dimensions }),
    ...extras,
    embedding_types: ['float'],
  }),
  read,
};

function read({ embeddings, meta }: Fields): EmbeddingAnswer {
  const { float } = fieldsOf(embeddings);
  const tokens = countIn(fieldsOf(fieldsOf(meta).billed_units).input_tokens);
  return {
    vectors: Array.isArray(float) ? float : [],
    usage: tokens === null ? null : promptUsage(tokens),
  };
}
