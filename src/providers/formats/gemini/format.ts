import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { readsUrl } from './media.ts';
import { GeminiReader } from './reader.ts';
import { encodeRequest, type GeminiOptions } from './request.ts';
import { isGoogleTool } from './tools.ts';

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'n',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
  'modalities',
  'web_search_options',
]);

/** Google's `generateContent`, https://ai.google.dev/api/generate-content, on AI Studio and on Vertex AI. */
export function geminiFormat(options: GeminiOptions = {}): Format {
  return {
    name: 'Gemini generateContent',
    supports: SUPPORTED,
    media: 'bytes',
    readsUrl,
    ownTools: isGoogleTool,
    anthropic: () => ({ fields: ['thinking'], marks: [], resultMedia: true }),
    encode: (request) => encodeRequest(request, options),
    read: (answer) => new GeminiReader(answer),
  };
}
