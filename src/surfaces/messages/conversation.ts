import type { MessagePart, RequestMessage, RequestToolCall, ThinkingBlock } from '../../core/completion.ts';
import { type Fields, fieldsOf, isFields, textIn } from '../../core/json.ts';
import { refuseUnknownFields } from '../known-fields.ts';
import { refuse } from '../refuse.ts';
import { isThinking } from './block.ts';
import { givenPart, partOf, textField } from './parts.ts';
import type { CountRequest, GivenBlock, GivenMessage } from './schema.ts';

/**
 * Anthropic's `system` and `messages` as OpenAI's messages. What Anthropic wants back as it was (thinking with its
 * signature, blocks of its own tools, marks) stands where the provider's format looks for it.
 *
 * @throws {SluiceError} naming the block that cannot be taken.
 */
export function conversationOf({
  system,
  messages,
}: Pick<CountRequest, 'system' | 'messages'>): RequestMessage[] {
  const told =
    system === null || system === undefined || system.length === 0 ? [] : [systemOf(system, 'system')];
  return [...told, ...messages.flatMap((message, index) => turnOf(message, `messages[${index}]`))];
}

function turnOf(message: GivenMessage, place: string): RequestMessage[] {
  const { role, content } = message;
  if (role === 'system') return [systemOf(content, `${place}.content`)];
  if (typeof content === 'string') return [{ role, content }];
  return role === 'user' ? userTurn(content, place) : [assistantTurn(content, place)];
}

function systemOf(content: GivenMessage['content'], place: string): RequestMessage {
  if (typeof content === 'string') return { role: 'system', content };
  const parts = content.map((block, index) => {
    const at = `${place}[${index}]`;
    if (block.type !== 'text') refuse('invalid_value', 'The system can be told by text only.', `${at}.type`);
    return givenPart(block, at);
  });
  return { role: 'system', content: parts };
}

/** The results of tools are messages of their own, and come first, as Anthropic wants them. */
function userTurn(blocks: readonly GivenBlock[], place: string): RequestMessage[] {
  const results: RequestMessage[] = [];
  const parts: MessagePart[] = [];
  for (const [index, block] of blocks.entries()) {
    const at = `${place}.content[${index}]`;
    if (block.type === 'tool_result') results.push(resultOf(block, at));
    else parts.push(givenPart(block, at));
  }
  return parts.length > 0 || results.length === 0 ? [...results, { role: 'user', content: parts }] : results;
}

const RESULT_FIELDS = ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'];

function resultOf(block: GivenBlock, place: string): RequestMessage {
  const { content, is_error: failed, cache_control: mark } = block;
  refuseUnknownFields(block, RESULT_FIELDS, place);
  return {
    role: 'tool',
    tool_call_id: textField(block, 'tool_use_id', place),
    content: resultContent(content, `${place}.content`),
    ...(failed === true && { is_error: true }),
    ...(mark !== undefined && mark !== null && { cache_control: mark }),
  };
}

function resultContent(content: unknown, place: string): string | MessagePart[] {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  const isList = Array.isArray(content) && content.every((block) => typeof block?.type === 'string');
  if (isList) return content.map((block, index) => givenPart(block, `${place}[${index}]`));
  refuse('invalid_type', `'${place}' must be text or a list of blocks.`, place);
}

/** What an assistant's turn is made of. */
interface Turn {
  readonly parts: MessagePart[];
  readonly calls: RequestToolCall[];
  readonly thinking: ThinkingBlock[];
  /** All but texts and calls of functions, in their order. */
  readonly others: GivenBlock[];
}

function assistantTurn(blocks: readonly GivenBlock[], place: string): RequestMessage {
  const turn: Turn = { parts: [], calls: [], thinking: [], others: [] };
  for (const [index, block] of blocks.entries()) sort(block, `${place}.content[${index}]`, turn);
  const { parts, calls, thinking, others } = turn;
  const own = ownBlocks(others);
  return {
    role: 'assistant',
    content: parts.length > 0 ? parts : null,
    ...(thinking.length > 0 && { thinking_blocks: thinking, reasoning_content: textOf(thinking) }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(own.length > 0 && { provider_specific_fields: { content_blocks: own } }),
  };
}

/** The results of Anthropic's own tools, and what else it alone has and wants back. */
const OWN_BLOCK = /^(server_tool_use|mcp_tool_use|compaction|container_upload|fallback|\w+_tool_result)$/;

function sort(block: GivenBlock, place: string, turn: Turn): void {
  const { type } = block;
  if (type === 'tool_use') turn.calls.push(callOf(block, place));
  else if (isThinking(block)) {
    const thought = thoughtOf(block, place);
    turn.thinking.push(thought);
    turn.others.push({ ...thought });
  } else if (OWN_BLOCK.test(type)) turn.others.push(block);
  else turn.parts.push(partOf(block, place));
}

function thoughtOf(block: GivenBlock, place: string): ThinkingBlock {
  if (block.type === 'redacted_thinking') {
    return { type: 'redacted_thinking', data: textField(block, 'data', place) };
  }
  const signature = textIn(block.signature);
  return { type: 'thinking', thinking: textField(block, 'thinking', place), signature };
}

function callOf(block: GivenBlock, place: string): RequestToolCall {
  const { input = {}, caller, provider_specific_fields: specific, cache_control: mark } = block;
  if (!isFields(input)) {
    refuse('invalid_type', `'${place}.input' must be an object.`, `${place}.input`);
  }
  const indirect = isFields(caller) && caller.type !== 'direct' && { caller };
  const kept = { ...fieldsOf(specific), ...indirect };
  return {
    id: textField(block, 'id', place),
    type: 'function',
    function: { name: textField(block, 'name', place), arguments: JSON.stringify(input) },
    ...(Object.keys(kept).length > 0 && { provider_specific_fields: kept }),
    ...(mark !== undefined && mark !== null && { cache_control: mark }),
  };
}

/** Where the model thought on behind a block of Anthropic's own, all thinking has to go back in its place among them. */
function ownBlocks(others: readonly GivenBlock[]): Fields[] {
  const first = others.findIndex((block) => !isThinking(block));
  if (first === -1) return [];
  const isInterleaved = others.findLastIndex(isThinking) > first;
  return isInterleaved ? [...others] : others.filter((block) => !isThinking(block));
}

function textOf(thinking: readonly ThinkingBlock[]): string {
  return thinking.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
}
