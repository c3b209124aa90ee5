import { decodeVector, type EmbeddingRequest, embeddingRequestSchema } from '../../core/embedding.ts';
import { SluiceError } from '../../core/errors.ts';
import { embeddingsIn, type JobAnswer, type JobSpec } from '../../core/job.ts';
import { refuse } from '../refuse.ts';
import { NOTHING_KEPT, type Surface } from '../surface.ts';

/** OpenAI's embeddings. Without `encoding_format` vectors are numbers; OpenAI's clients ask for base64 by themselves. */
export const embeddingsSurface: Surface<EmbeddingRequest> = {
  url: '/v1/embeddings',
  schema: embeddingRequestSchema,
  tellsFailures: false,
  wholeOnly: true,
  parse: (body) => ({
    request: toCanonical(body),
    stream: false,
    ...NOTHING_KEPT,
    echo: body.encoding_format === 'base64' ? { encoding_format: 'base64' } : null,
  }),
  write: writeEmbeddings,
  open: () => {
    throw NOT_STREAMED;
  },
};

const NOT_STREAMED = new SluiceError(
  'unsupported_value',
  "Unsupported 'stream': embeddings come whole; leave it out.",
  { param: 'stream' },
);

/** How vectors are written is no business of the provider's, which sends them as is cheapest. */
function toCanonical({ encoding_format: _, stream, ...request }: EmbeddingRequest): EmbeddingRequest {
  if (stream) throw NOT_STREAMED;
  if (request.messages == null) {
    const { messages: _none, ...canonical } = request;
    return canonical;
  }
  const message = "Unknown parameter: 'messages'. Use 'input' here, or ask /v1/chat/completions.";
  refuse('unknown_parameter', message, 'messages');
}

function writeEmbeddings({ model }: Pick<JobSpec, 'model'>, answer: JobAnswer): object {
  const { vectors, usage } = embeddingsIn(answer) ?? { vectors: [], usage: null };
  const base64 = answer.echo?.encoding_format === 'base64';
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: base64 ? vector : decodeVector(vector),
    })),
    model,
    usage: { prompt_tokens: usage?.prompt_tokens ?? 0, total_tokens: usage?.total_tokens ?? 0 },
  };
}
