import { response } from '../schemas/response.ts';
import type { SurfaceDescription } from './description.ts';

const DELTA = {
  type: 'response.output_text.delta',
  sequence_number: 4,
  item_id: 'msg_…',
  output_index: 0,
  content_index: 0,
  delta: 'Say',
  logprobs: [],
};

/** `POST /v1/responses`. */
export const responsesDescription: SurfaceDescription = {
  name: 'createResponse',
  summary: 'Create a response',
  description:
    "OpenAI's responses, for its clients unmodified and for models of any provider. With `background: true` the answer " +
    'is the response as it stands, to be polled or followed by its id.',
  request: 'ResponseRequest',
  answer: response,
  events: `event: response.output_text.delta\ndata: ${JSON.stringify(DELTA)}\n\n`,
  errors: ['previous_response_not_found'],
  examples: {
    'A whole answer': { model: 'scripted/echo', input: 'Say something.' },
    'In the background': { model: 'scripted/lorem', input: 'Say something.', background: true },
    'A stream': { model: 'scripted/lorem', input: 'Say something.', stream: true },
  },
};
