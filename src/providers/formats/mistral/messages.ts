import type { RequestMessage } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { callsOf, reasoningOf } from '../../request/turns.ts';
import { callIds } from './call-ids.ts';
import { encodeContent } from './content.ts';

const BLANK = ' ';

/** Mistral wants an assistant's turn between a tool's result and what comes next. */
const BRIDGE: Fields = { role: 'assistant', content: BLANK };

/** The messages in Mistral's form, which has no other fields than those written here: it refuses all others. */
export function encodeMessages(request: PreparedRequest): Fields[] {
  const { messages } = request;
  const idOf = callIds(messages);
  const thinks = wantsThinking(request);
  return messages.flatMap((message, index) => {
    const place = `messages[${index}]`;
    const bridged = messages[index - 1]?.role === 'tool' && !['tool', 'assistant'].includes(message.role);
    const last = index === messages.length - 1;
    const own =
      message.role === 'assistant'
        ? encodeAssistant(message, place, { idOf, thinks, last })
        : encodeOther(message, place, idOf);
    return bridged ? [BRIDGE, own] : [own];
  });
}

/**
 * Whether reasoning of earlier turns goes back: Mistral's reasoning models get worse without it, and models that
 * do not reason refuse it.
 */
function wantsThinking({ model, fields }: PreparedRequest): boolean {
  const { reasoning_effort: effort } = fields;
  return /magistral/i.test(model) || (typeof effort === 'string' && effort !== 'none');
}

function encodeOther(message: RequestMessage, place: string, idOf: (id: string) => string): Fields {
  const content = encodeContent(message.content, place);
  if (message.role !== 'tool') return { role: message.role === 'user' ? 'user' : 'system', content };
  const { tool_call_id: id, name } = message;
  return {
    role: 'tool',
    content,
    ...(typeof id === 'string' && { tool_call_id: idOf(id) }),
    ...(typeof name === 'string' && { name }),
  };
}

interface AssistantOptions {
  readonly idOf: (id: string) => string;
  readonly thinks: boolean;
  readonly last: boolean;
}

function encodeAssistant(message: RequestMessage, place: string, options: AssistantOptions): Fields {
  const { idOf, thinks, last } = options;
  const calls = callsOf(message, place).map(({ id, name, arguments: text }) => {
    return { id: idOf(id), type: 'function', function: { name, arguments: text } };
  });
  // A last message that is the assistant's own is what the answer must begin with.
  const prefix = message.prefix ?? (last && calls.length === 0 ? true : undefined);
  const content = withThinking(message, encodeContent(message.content, place), thinks);
  return {
    role: 'assistant',
    // Mistral refuses a turn that has neither content nor calls.
    content: content === '' && calls.length === 0 ? BLANK : content,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(typeof prefix === 'boolean' && { prefix }),
  };
}

function withThinking(message: RequestMessage, content: string | Fields[], thinks: boolean): unknown {
  const reasoning = thinks ? reasoningOf(message) : '';
  if (reasoning === '') return content;
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: reasoning }], closed: true };
  if (typeof content !== 'string') return [thinking, ...content];
  return content === '' ? [thinking] : [thinking, { type: 'text', text: content }];
}
