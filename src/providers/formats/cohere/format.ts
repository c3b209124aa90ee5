import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { CohereReader } from './reader.ts';
import { encodeRequest } from './request.ts';

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
]);

/** Cohere's chat: `POST /v2/chat`. */
export const cohereChat: Format = {
  name: 'Cohere chat v2',
  supports: SUPPORTED,
  media: 'urls',
  encode: encodeRequest,
  read: (answer) => new CohereReader(answer),
};
