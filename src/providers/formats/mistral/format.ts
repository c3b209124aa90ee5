import { textOf } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Format } from '../format.ts';
import { chatFormat } from '../openai-chat/format.ts';
import { encodeMessages } from './messages.ts';
import { encodeTools, isBuiltIn } from './tools.ts';

/**
 * Mistral's chat completions: `POST /v1/chat/completions`. It refuses a request with a field that it does not know.
 * Usage comes without being asked for.
 */
const CHAT = chatFormat({
  name: 'Mistral chat completions',
  unsupported: [
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'verbosity',
    'modalities',
    'audio',
    'web_search_options',
    'service_tier',
  ],
  hints: ['prompt_cache_key', 'metadata'],
  rename: { seed: 'random_seed', max_completion_tokens: 'max_tokens' },
  streamOptions: false,
  adjust: (body, request) => {
    body.messages = encodeMessages(request);
    encodeTools(body, request);
    encodePrediction(body, request);
  },
});

/** {@link CHAT}, with Mistral's built-in tools. */
export const mistralChat: Format = { ...CHAT, ownTools: isBuiltIn };

/** OpenAI's predicted content may be in parts, Mistral's is plain text. */
function encodePrediction(body: Record<string, unknown>, { fields }: PreparedRequest): void {
  const prediction = fields.prediction as { content?: unknown } | undefined;
  if (!Array.isArray(prediction?.content)) return;
  body.prediction = { type: 'content', content: textOf(prediction.content) };
}
