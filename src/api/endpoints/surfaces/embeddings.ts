import { z } from 'zod';
import type { SurfaceDescription } from './description.ts';

const embeddings = z
  .looseObject({
    object: z.literal('list'),
    model: z.string(),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .meta({ description: 'Numbers, or with `encoding_format: base64` their float32 bytes.' }),
      }),
    ),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Embeddings' });

/** `POST /v1/embeddings`. */
export const embeddingsDescription: SurfaceDescription = {
  name: 'createEmbedding',
  summary: 'Embed texts',
  description: "OpenAI's embeddings. They come whole, never as a stream.",
  request: 'EmbeddingRequest',
  answer: embeddings,
  events: null,
  examples: { 'Two texts': { model: 'scripted/embed', input: ['one text', 'and another'] } },
};
