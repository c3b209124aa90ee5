import { textIn } from '../../core/json.ts';
import { ChunkStream } from '../chunk-stream.ts';
import { NOTHING_KEPT, type Surface } from '../surface.ts';
import { textIdentityOf, writeTextCompletion } from './answer.ts';
import { TextChunkWriter } from './chunk-writer.ts';
import { promptOf, type TextCompletionRequest, textCompletionSchema, toChat } from './request.ts';

/** OpenAI's legacy completions, a prompt in and text out, for any provider: it becomes a chat of one message. */
export const completionsSurface: Surface<TextCompletionRequest> = {
  url: '/v1/completions',
  schema: textCompletionSchema,
  tellsFailures: false,
  parse: (body) => ({
    request: toChat(body),
    stream: body.stream === true,
    ...NOTHING_KEPT,
    echo: echoOf(body),
  }),
  write: writeTextCompletion,
  open: (job, echo) =>
    new ChunkStream(
      job.id,
      new TextChunkWriter(textIdentityOf(job), {
        includeUsage: echo?.include_usage === true,
        prompt: textIn(echo?.prompt),
      }),
    ),
};

function echoOf(body: TextCompletionRequest): Record<string, unknown> | null {
  const usage = body.stream_options?.include_usage === true;
  if (!usage && body.echo !== true) return null;
  return { ...(usage && { include_usage: true }), ...(body.echo === true && { prompt: promptOf(body) }) };
}
