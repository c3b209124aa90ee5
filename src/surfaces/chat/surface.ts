import type { CompletionRequest } from '../../core/completion.ts';
import { identityOf } from '../../core/job.ts';
import { ChunkStream } from '../chunk-stream.ts';
import { metadata } from '../metadata.ts';
import { refuseOwnFields } from '../own-fields.ts';
import type { Surface } from '../surface.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { chatRequestSchema } from './schema.ts';

/** OpenAI's chat completions: what all other surfaces are translated to, so there is nothing to translate. */
export const chatSurface: Surface<CompletionRequest> = {
  url: '/v1/chat/completions',
  schema: chatRequestSchema,
  tellsFailures: false,
  parse: (body) => ({
    request: ownRequest(body),
    stream: body.stream === true,
    background: false,
    stored: body.store === true,
    keepsOn: body.store === true,
    metadata: body.store === true && body.metadata != null ? metadata.parse(body.metadata) : null,
    echo: body.stream_options?.include_usage === true ? { include_usage: true } : null,
  }),
  write: (job, { result }) => {
    if (result === null) return {};
    return job.stored ? { ...result, metadata: job.metadata ?? {} } : result;
  },
  open: (job, echo) =>
    new ChunkStream(job.id, new ChunkWriter(identityOf(job), { includeUsage: echo?.include_usage === true })),
};

function ownRequest(body: CompletionRequest): CompletionRequest {
  refuseOwnFields(body);
  return body;
}
