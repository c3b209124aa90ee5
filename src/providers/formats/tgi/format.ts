import type { PreparedRequest } from '../../request/prepared-request.ts';
import { writePrompt } from '../../request/prompt.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import type { Format } from '../format.ts';
import { TgiReader } from './reader.ts';

/** Text Generation Inference's own route: `POST /generate_stream`, one prompt in, tokens out. */
export const tgiGenerate: Format = {
  name: 'TGI generate_stream',
  supports: new Set([
    'temperature',
    'top_p',
    'max_tokens',
    'stop',
    'seed',
    'frequency_penalty',
    'response_format',
  ]),
  media: 'urls',
  encode,
  read: (answer) => new TgiReader(answer),
};

function encode(request: PreparedRequest): object {
  const { temperature, top_p, seed, frequency_penalty } = request.fields;
  const { text, extras } = writePrompt(request, { systemApart: false });
  const { maxTokens, stop } = request;
  const grammar = grammarOf(request);
  const greedy = temperature === 0 || top_p === 0;
  return {
    inputs: text,
    parameters: {
      details: true,
      return_full_text: false,
      // TGI takes neither 0 nor a top_p of 1. It is greedy unless told otherwise, if only by one of these.
      ...(temperature !== undefined && { do_sample: !greedy }),
      ...(temperature != null && !greedy && { temperature }),
      ...(top_p != null && !greedy && top_p < 1 && { top_p }),
      ...(maxTokens !== null && { max_new_tokens: maxTokens }),
      ...(stop.length > 0 && { stop }),
      ...(seed !== undefined && { seed }),
      ...(frequency_penalty !== undefined && { frequency_penalty }),
      ...(grammar && { grammar }),
      ...extras,
    },
    stream: true,
  };
}

function grammarOf(request: PreparedRequest): object | null {
  const shape = readResponseFormat(request);
  if (shape?.type === 'schema') return { type: 'json', value: shape.schema };
  if (shape) request.refuse('response_format', 'JSON needs a schema here');
  return null;
}
