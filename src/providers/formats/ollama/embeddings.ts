import { promptUsage } from '../../../core/embedding.ts';
import { countIn, type Fields } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingFormat } from '../embedding-format.ts';
import { splitExtras } from './request.ts';

/** Ollama's own embeddings, https://docs.ollama.com/api/embed. */
export const ollamaEmbeddings: EmbeddingFormat = {
  name: 'Ollama embed',
  tokens: false,
  encode: ({ model, texts, dimensions, extras }) => {
    const { options, top } = splitExtras(extras);
    return {
      model,
      input: texts,
      ...(dimensions !== null && { dimensions }),
      ...(Object.keys(options).length > 0 && { options }),
      ...top,
    };
  },
  read,
};

function read({ embeddings, prompt_eval_count }: Fields): EmbeddingAnswer {
  const tokens = countIn(prompt_eval_count);
  return {
    vectors: Array.isArray(embeddings) ? embeddings : [],
    usage: tokens === null ? null : promptUsage(tokens),
  };
}
