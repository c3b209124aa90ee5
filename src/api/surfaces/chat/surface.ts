import { type CompletionRequest, completionRequestSchema } from '../../../core/completion.ts';
import type { Surface } from '../surface.ts';
import { ChatStream } from './stream.ts';

/** OpenAI's chat completions: what all other surfaces are translated to, so there is nothing to translate. */
export const chatSurface: Surface<CompletionRequest> = {
  url: '/v1/chat/completions',
  schema: completionRequestSchema,
  tellsFailures: false,
  parse: (body) => ({
    request: body,
    stream: body.stream === true,
    background: false,
    stored: body.store === true,
    keepsOn: body.store === true,
    metadata: null,
    echo: body.stream_options?.include_usage === true ? { include_usage: true } : null,
  }),
  write: (_job, { result }) => result ?? {},
  open: (job, echo) => new ChatStream(job, echo?.include_usage === true),
};
