import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { OllamaReader } from './reader.ts';
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
  'top_logprobs',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
]);

/** Ollama's own chat: `POST /api/chat`. */
export const ollamaChat: Format = {
  name: 'Ollama chat',
  supports: SUPPORTED,
  media: 'bytes',
  encode: encodeRequest,
  read: (answer) => new OllamaReader(answer),
};
