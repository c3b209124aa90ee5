import { completionIn } from '../../core/job.ts';
import { NOTHING_KEPT, type Surface } from '../surface.ts';
import { writeMessage } from './message.ts';
import { completionRequest } from './request.ts';
import { type MessagesRequest, messagesSchema } from './schema.ts';
import { MessagesStream } from './stream.ts';

/** Anthropic's messages, for models of any provider. */
export const messagesSurface: Surface<MessagesRequest> = {
  url: '/v1/messages',
  schema: messagesSchema,
  tellsFailures: false,
  headerFields: { 'anthropic-beta': 'anthropic_beta' },
  parse: (body) => ({
    request: completionRequest(body),
    stream: body.stream === true,
    ...NOTHING_KEPT,
    echo: null,
  }),
  write: (job, answer) => writeMessage(job, completionIn(answer)),
  open: (job) => new MessagesStream(job),
};
