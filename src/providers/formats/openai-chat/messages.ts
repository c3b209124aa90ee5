import type { RequestMessage, RequestToolCall } from '../../../core/completion.ts';
import { fieldsOf } from '../../../core/json.ts';
import type { ChatDialect } from './dialect.ts';

/** What Sluice and others add to answers; OpenAI refuses a request whose messages have a field that it does not know. */
const ANSWER_FIELDS = [
  'reasoning_content',
  'reasoning_is_summary',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'annotations',
  'part_order',
  'provider_specific_fields',
];

/** Messages as the vendor takes them: without what was added to answers, but for what it wants back. */
export function encodeMessages(value: unknown, dialect: ChatDialect): unknown {
  const messages = value as RequestMessage[];
  const { echoes = [], toolTurnEchoes = [], reasoningDetails, plain } = dialect;
  const always = reasoningDetails ? [...echoes, 'reasoning_details'] : echoes;
  const inToolTurn = toolTurnEchoes.length > 0 ? turnsWithTools(messages) : null;
  return messages.map((message, index) => {
    const wanted = inToolTurn?.has(index) ? [...always, ...toolTurnEchoes] : always;
    const clean = message.role === 'assistant' ? withoutAnswerFields(message, wanted) : message;
    return plain ? inPlainWords(clean) : clean;
  });
}

function withoutAnswerFields(message: RequestMessage, wanted: readonly string[]): RequestMessage {
  const answer: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (!ANSWER_FIELDS.includes(name)) answer[name] = value;
  }
  for (const name of wanted) {
    const value = message[name] ?? fieldsOf(message.provider_specific_fields)[name];
    if (value !== undefined && value !== null) answer[name] = value;
  }
  if (message.tool_calls) {
    answer.tool_calls = message.tool_calls.map(({ provider_specific_fields: specific, ...call }) => {
      const { extra_content } = fieldsOf(specific);
      return wanted.includes('extra_content') && extra_content ? { ...call, extra_content } : call;
    });
  }
  return answer as RequestMessage;
}

/** A message in the words that every server knows: clients echo answers with nulls in them, and split texts. */
function inPlainWords(message: RequestMessage): RequestMessage {
  const { role, content, refusal: _, tool_calls, function_call: __, ...others } = message;
  const kept = Object.entries(others).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(kept),
    role: role === 'developer' ? 'system' : role,
    content: joined(content ?? null),
    ...(tool_calls && { tool_calls: tool_calls.map(withArguments) }),
  };
}

/** Text in parts as one text, where nothing is marked on the parts. Only OpenAI has parts that refuse. */
function joined(content: RequestMessage['content']): RequestMessage['content'] {
  if (!Array.isArray(content)) return content;
  const parts = content.map((part) => {
    return part.type === 'refusal' ? { type: 'text', text: part.refusal } : part;
  });
  const texts = parts.filter(({ type, text, ...marks }) => {
    return type === 'text' && typeof text === 'string' && Object.keys(marks).length === 0;
  });
  return texts.length < parts.length ? parts : texts.map(({ text }) => text).join('');
}

/** Templates of chats parse the arguments of earlier calls. */
function withArguments(call: RequestToolCall): RequestToolCall {
  if (call.function?.arguments.trim() !== '') return call;
  return { ...call, function: { ...call.function, arguments: '{}' } };
}

/** The places of messages in turns, from one user message to the next, in which tools were called. */
function turnsWithTools(messages: readonly RequestMessage[]): ReadonlySet<number> {
  const found = new Set<number>();
  let first = 0;
  let called = false;
  for (const [index, { role, tool_calls }] of messages.entries()) {
    if (role === 'user') {
      first = index + 1;
      called = false;
    } else if (!called && tool_calls && tool_calls.length > 0) {
      called = true;
      for (let place = first; place <= index; place += 1) found.add(place);
    } else if (called) {
      found.add(index);
    }
  }
  return found;
}
