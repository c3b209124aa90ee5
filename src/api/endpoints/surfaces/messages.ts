import { z } from 'zod';
import type { SurfaceDescription } from './description.ts';

const message = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  })
  .meta({ id: 'Message' });

const DELTA = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Say' } };

/** `POST /v1/messages`. */
export const messagesDescription: SurfaceDescription = {
  name: 'createMessage',
  summary: 'Create a message',
  description:
    "Anthropic's messages, for its clients unmodified and for models of any provider. Fields that Anthropic does not " +
    'have are refused.',
  request: 'MessagesRequest',
  answer: message,
  events:
    'event: message_start\ndata: {"type":"message_start","message":{…}}\n\n' +
    `event: content_block_delta\ndata: ${JSON.stringify(DELTA)}\n\n` +
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  errors: ['thread_unsupported_request'],
  examples: {
    'A whole answer': {
      model: 'scripted/echo',
      max_tokens: 1024,
      messages: [{ role: 'user', content: 'Say something.' }],
    },
    'A stream': {
      model: 'scripted/lorem',
      max_tokens: 1024,
      messages: [{ role: 'user', content: 'Say something.' }],
      stream: true,
    },
  },
};
