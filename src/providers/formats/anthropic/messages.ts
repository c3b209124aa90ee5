import type { RequestMessage } from '../../../core/completion.ts';
import { type Fields, isFields } from '../../../core/json.ts';
import { argumentsObject } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Refuse } from '../../request/tools.ts';
import { callsOf } from '../../request/turns.ts';
import type { Block } from './block.ts';
import { blocksOf, markLast } from './blocks.ts';
import { isThinking, thinkingBlocks } from './thinking-blocks.ts';
import { ToolIds } from './tool-ids.ts';

/** Anthropic's `system` and `messages`. */
export interface Conversation {
  /** Null where there is no system message. */
  readonly system: string | readonly Block[] | null;
  readonly messages: readonly Turn[];
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/**
 * A conversation in Anthropic's turns: what the system and the developer say goes to the top, and consecutive
 * messages of one side are one turn, in which the results of tools come first.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value` naming the part of a message that cannot be
 * carried.
 */
export function encodeMessages({ messages, refuse }: PreparedRequest): Conversation {
  const system: Block[] = [];
  const turns: Turn[] = [];
  const ids = new ToolIds();
  for (const [index, message] of messages.entries()) {
    const place = `messages[${index}]`;
    const { role } = message;
    const blocks = blocksFor(message, place, refuse, ids);
    if (role !== 'tool') markLast(blocks, message.cache_control);
    if (role === 'system' || role === 'developer') {
      system.push(...blocks.filter((block) => isText(block, place, refuse)));
    } else {
      take(turns, role === 'assistant' ? 'assistant' : 'user', blocks);
    }
  }
  trimEnd(turns.at(-1));
  return { system: systemOf(system), messages: turns };
}

function blocksFor(message: RequestMessage, place: string, refuse: Refuse, ids: ToolIds): Block[] {
  if (message.role === 'assistant') return assistantBlocks(message, place, refuse, ids);
  const blocks = blocksOf(message, place, refuse);
  if (message.role !== 'tool') return blocks;
  const { tool_call_id: id, cache_control: mark, is_error: failed } = message;
  const result: Block = { type: 'tool_result', tool_use_id: ids.of(id ?? '') };
  if (blocks.length > 0) result.content = blocks;
  if (failed === true) result.is_error = true;
  if (mark !== undefined) result.cache_control = mark;
  return [result];
}

/** What has to come back as it was first, then what was said, then what was called. */
function assistantBlocks(message: RequestMessage, place: string, refuse: Refuse, ids: ToolIds): Block[] {
  const called = callsOf(message, place).map(({ id, name, arguments: text, param }, index) => {
    const call: Fields = message.tool_calls?.[index] ?? {};
    const { cache_control: mark, provider_specific_fields: own } = call;
    return {
      type: 'tool_use',
      id: ids.begin(id),
      name,
      input: argumentsObject(text, param),
      ...(isFields(own) && isFields(own.caller) && { caller: own.caller }),
      ...(mark !== undefined && { cache_control: mark }),
    };
  });
  const { done, open } = serverBlocks(message);
  const first = done.some(isThinking) ? done : [...thinkingBlocks(message), ...done];
  const blocks: Block[] = [...first, ...blocksOf(message, place, refuse), ...open, ...called];
  // Anthropic refuses a turn that ends in thinking.
  return blocks.slice(0, blocks.findLastIndex((block) => !isThinking(block)) + 1);
}

/**
 * What the reader of answers has put aside: calls of Anthropic's own tools with their results, and
 * compactions, and the thinking between them. `open`: calls whose results are still to come, at which the turn
 * stopped.
 */
function serverBlocks({ provider_specific_fields: own }: RequestMessage): { done: Block[]; open: Block[] } {
  const kept = isFields(own) && Array.isArray(own.content_blocks) ? own.content_blocks.filter(isFields) : [];
  const answered = new Set(kept.map((block) => block.tool_use_id));
  const isOpen = ({ type, id }: Fields): boolean => SERVER_CALLS.has(type) && !answered.has(id);
  return { done: kept.filter((block) => !isOpen(block)), open: kept.filter(isOpen) };
}

const SERVER_CALLS: ReadonlySet<unknown> = new Set(['server_tool_use', 'mcp_tool_use']);

function take(turns: Turn[], role: Turn['role'], blocks: Block[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role !== role) {
    turns.push({ role, content: [...blocks] });
    return;
  }
  const at = last.content.findIndex(({ type }) => type !== 'tool_result');
  const isResult = blocks[0]?.type === 'tool_result';
  if (isResult && at !== -1) last.content.splice(at, 0, ...blocks);
  else last.content.push(...blocks);
}

/** Anthropic refuses an answer's beginning that ends in white space. */
function trimEnd(turn: Turn | undefined): void {
  const last = turn?.role === 'assistant' ? turn.content.at(-1) : undefined;
  if (typeof last?.text === 'string') last.text = last.text.trimEnd();
}

function isText({ type }: Block, place: string, refuse: Refuse): boolean {
  if (type === 'text') return true;
  refuse(`${place}.content`, 'the system can be told by text only');
  return false;
}

function systemOf(blocks: readonly Block[]): Conversation['system'] {
  const [first] = blocks;
  if (first === undefined) return null;
  const isPlain = blocks.length === 1 && first.cache_control === undefined;
  return isPlain ? String(first.text) : blocks;
}
