import { SluiceError } from '../../../core/errors.ts';
import { fieldsOf, textIn } from '../../../core/json.ts';
import type { RequestField } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { turnsOf } from '../../request/prompt.ts';
import type { Format } from '../format.ts';
import { inChunks } from './chunk-reader.ts';
import { CompletionReader } from './completion-reader.ts';

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
]);

/** Cohere's Command R, by the first version of Cohere's chat; its tools are to be had by Converse. */
export const commandR: Format = inChunks(
  {
    name: 'Cohere Command R',
    supports: SUPPORTED,
    media: 'urls',
    encode,
    read: (answer) =>
      new CompletionReader(answer, ({ event_type: type, text, finish_reason, response }) => {
        // The last message repeats the whole text.
        if (type === 'stream-end') return [{ reason: finish_reason ?? fieldsOf(response).finish_reason }];
        return type === undefined || type === 'text-generation' ? [{ text, reason: finish_reason }] : [];
      }),
  },
  'Bedrock InvokeModel: Cohere Command R',
  { counted: true },
);

function encode(request: PreparedRequest): object {
  const { fields, maxTokens, stop, extras } = request;
  const { top_k, ...others } = extras;
  const turns = turnsOf(request);
  const preamble = turns.filter(({ role }) => role === 'system').map(({ text }) => text);
  const said = turns.filter(({ role }) => role !== 'system');
  const last = said.pop();
  if (last === undefined || last.role === 'assistant') {
    const param = `messages[${turns.length - 1}].role`;
    throw new SluiceError('unsupported_value', 'The last message must be the user’s.', { param });
  }
  const history = said.map(({ role, text }) => {
    return { role: role === 'assistant' ? 'CHATBOT' : 'USER', message: textIn(text) };
  });
  return {
    message: last.text,
    ...(history.length > 0 && { chat_history: history }),
    ...(preamble.length > 0 && { preamble: preamble.join('\n\n') }),
    ...(maxTokens !== null && { max_tokens: maxTokens }),
    ...ranged(request),
    ...(fields.top_p != null && { p: fields.top_p }),
    ...(fields.seed != null && { seed: fields.seed }),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(top_k !== undefined && { k: top_k }),
    ...others,
  };
}

/** Fields whose values OpenAI lets go further. */
function ranged({ fields, refuse }: PreparedRequest): object {
  const kept = (['temperature', 'frequency_penalty', 'presence_penalty'] as const).flatMap((field) => {
    const value = fields[field];
    if (value == null) return [];
    if (value >= 0 && value <= 1) return [[field, value]];
    refuse(field, 'it must be between 0 and 1');
    return [];
  });
  return Object.fromEntries(kept);
}
