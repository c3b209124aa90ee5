import { promptUsage } from '../../../core/embedding.ts';
import { countIn, type Fields, fieldsOf, objectsIn } from '../../../core/json.ts';
import type { PreparedEmbedding } from '../../request/prepared-embedding.ts';
import type { EmbeddingAnswer, EmbeddingFormat } from '../embedding-format.ts';

/** `batchEmbedContents`, https://ai.google.dev/api/embeddings: a request of its own for every input. */
export const geminiEmbeddings: EmbeddingFormat = {
  name: 'Gemini embeddings',
  tokens: false,
  maxInputs: 100,
  encode: ({ model, texts, dimensions, extras }) => {
    const shared = {
      model: resourceOf(model),
      ...(dimensions !== null && { outputDimensionality: dimensions }),
      ...inGoogleNames(extras),
    };
    return { requests: texts.map((text) => ({ ...shared, content: { parts: [{ text }] } })) };
  },
  read,
};

/** The resource of a model, as bodies and addresses have it: `models/gemini-embedding-001`. */
export function resourceOf(model: PreparedEmbedding['model']): string {
  return /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;
}

/** Google's names, for what Vertex AI and clients write as `task_type`. */
function inGoogleNames(extras: Fields): Fields {
  const named = Object.entries(extras).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(named);
}

function read({ embeddings, usageMetadata }: Fields): EmbeddingAnswer {
  const tokens = countIn(fieldsOf(usageMetadata).promptTokenCount);
  return {
    vectors: objectsIn(embeddings).map(({ values }) => values),
    usage: tokens === null ? null : promptUsage(tokens),
  };
}
