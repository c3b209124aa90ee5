import type { Completion, RequestMessage } from '../../../core/completion.ts';
import { type Fields, textIn } from '../../../core/json.ts';
import { refuseUnknownFields } from '../../known-fields.ts';
import { refuse, refuseMissing, requireText } from '../../refuse.ts';
import type { ResponseRequest } from '../schema.ts';
import { isSealAlone } from '../sealed.ts';
import { AssistantTurn } from './assistant-turn.ts';
import { contentOf } from './parts.ts';
import { resolveReferences } from './references.ts';

/**
 * Input items as chat messages: what the model thought, said and called in one go is one message of the assistant.
 * `answers`: those of which the input names items, by their jobs.
 *
 * @throws {SluiceError} naming the item that is none, or that no message can hold.
 */
export function messagesOf(
  input: NonNullable<ResponseRequest['input']>,
  answers: ReadonlyMap<string, Completion>,
): RequestMessage[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const messages: RequestMessage[] = [];
  let turn = new AssistantTurn();
  const endTurn = (): void => {
    messages.push(...turn.messages());
    turn = new AssistantTurn();
  };
  for (const [index, item] of resolveReferences(input, answers).entries()) {
    const place = `input[${index}]`;
    if (isOfModel(item)) {
      if (turn.hasOnlySaid && beginsTurn(item)) endTurn();
      addToTurn(turn, item, place);
    } else {
      endTurn();
      messages.push(messageOf(item, place));
    }
  }
  endTurn();
  return messages;
}

/** Calls of tools that OpenAI ran itself: kept with the message, for providers that have a place for them. */
const HOSTED: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_list_tools',
  'mcp_call',
]);

function isMessage({ type, role }: Fields): boolean {
  return type === 'message' || (type == null && role != null);
}

function isOfModel(item: Fields): boolean {
  const type = textIn(item.type);
  if (isMessage(item)) return item.role === 'assistant';
  return type === 'function_call' || type === 'reasoning' || HOSTED.has(type);
}

/** Whether an item that follows a message belongs to another message. */
function beginsTurn(item: Fields): boolean {
  return isMessage(item) || (item.type === 'reasoning' && !isSealAlone(item));
}

function addToTurn(turn: AssistantTurn, item: Fields, place: string): void {
  if (item.type === 'reasoning') turn.think(item, place);
  else if (item.type === 'function_call') turn.call(item, place);
  else if (isMessage(item)) turn.say(item, place);
  else turn.host(item);
}

/** The fields of items that clients write; those of the model come back as it wrote them. */
const MESSAGE_FIELDS = ['type', 'role', 'content', 'id', 'status', 'phase', 'cache_control'];
const OUTPUT_FIELDS = ['type', 'call_id', 'output', 'id', 'status', 'name'];

function messageOf(item: Fields, place: string): RequestMessage {
  if (isMessage(item)) return spoken(item, place);
  switch (item.type) {
    case 'function_call_output': {
      refuseUnknownFields(item, OUTPUT_FIELDS, place);
      const id = requireText(item.call_id, `${place}.call_id`);
      return { role: 'tool', tool_call_id: id, content: contentOf(item.output, `${place}.output`) };
    }
    case null:
    case undefined:
      return refuseMissing(`${place}.type`);
    default:
      refuse(
        'unsupported_value',
        `Input items of type '${String(item.type).slice(0, 64)}' are not supported. Supported are: 'message', ` +
          `'function_call', 'function_call_output', 'reasoning', 'item_reference', and the calls of OpenAI's own tools.`,
        `${place}.type`,
      );
  }
}

const ROLES: ReadonlySet<string> = new Set(['user', 'system', 'developer']);

function spoken(item: Fields, place: string): RequestMessage {
  const role = requireText(item.role, `${place}.role`);
  if (!ROLES.has(role)) {
    const message = `Invalid value: '${role.slice(0, 64)}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`;
    refuse('invalid_value', message, `${place}.role`);
  }
  refuseUnknownFields(item, MESSAGE_FIELDS, place);
  const content = contentOf(item.content, `${place}.content`);
  const mark = item.cache_control === undefined ? {} : { cache_control: item.cache_control };
  return { role: role as 'user' | 'system' | 'developer', content, ...mark };
}
