import { chatCompletion } from '../schemas/completion.ts';
import type { SurfaceDescription } from './description.ts';

const CHUNK = {
  id: 'chatcmpl-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
  object: 'chat.completion.chunk',
  created: 1_793_675_183,
  model: 'scripted/echo',
  choices: [{ index: 0, delta: { content: 'Say' }, logprobs: null, finish_reason: null }],
};

/** `POST /v1/chat/completions`. */
export const chatDescription: SurfaceDescription = {
  name: 'createChatCompletion',
  summary: 'Complete a chat',
  description:
    "OpenAI's chat completions, for its clients unmodified. With `stream: true` the answer is a stream of events. The " +
    'schema has what Sluice reads; everything else passes through to the provider.',
  request: 'ChatCompletionRequest',
  answer: chatCompletion,
  events: `data: ${JSON.stringify(CHUNK)}\n\ndata: [DONE]\n\n`,
  examples: {
    'A whole answer': {
      model: 'scripted/echo',
      messages: [{ role: 'user', content: 'Say something.' }],
    },
    'A stream': {
      model: 'scripted/lorem',
      messages: [{ role: 'user', content: 'Say something.' }],
      stream: true,
      stream_options: { include_usage: true },
    },
  },
};
