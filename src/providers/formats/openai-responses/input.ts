import type { RequestMessage } from '../../../core/completion.ts';
import { type Fields, fieldsOf, textIn } from '../../../core/json.ts';
import { type ContentPart, mediaUrl, onlyText, partsOf, textOf } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Refuse } from '../../request/tools.ts';
import { callsOf } from '../../request/turns.ts';
import { reasoningToReplay } from './reasoning-items.ts';

/**
 * The conversation: what leads it as instructions, the rest as items.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value`, naming what cannot be sent.
 */
export function encodeInput({ messages, refuse }: PreparedRequest): Fields {
  const firstItem = messages.findIndex(({ role }) => !isInstruction(role));
  // There must be an item: a conversation of instructions alone is one of developer messages.
  const first = Math.max(firstItem, 0);
  const leading = messages.slice(0, first);
  const texts = leading.map(({ content }, index) => onlyText(content, `messages[${index}]`, refuse));
  const input = messages.slice(first).flatMap((message, index) => {
    return encodeMessage(message, `messages[${first + index}]`, refuse);
  });
  return { ...(first > 0 && { instructions: texts.join('\n\n') }), input };
}

function isInstruction(role: RequestMessage['role']): boolean {
  return role === 'system' || role === 'developer';
}

function encodeMessage(message: RequestMessage, place: string, refuse: Refuse): Fields[] {
  const { role, content, tool_call_id: id } = message;
  if (role === 'assistant') return encodeAnswer(message, place, refuse);
  const parts = partsOf(content, place);
  const encoded = parts.flatMap((part, index) => encodePart(part, `${place}.content[${index}]`, refuse));
  if (role === 'tool') {
    const output = parts.every(({ type }) => type === 'text') ? textOf(content) : encoded;
    return [{ type: 'function_call_output', call_id: id ?? '', output }];
  }
  const sender = isInstruction(role) ? 'developer' : 'user';
  return [{ type: 'message', role: sender, content: encoded.length > 0 ? encoded : '' }];
}

/** What the model thought, what it said, and what it called, in this order, which is that of its answers. */
function encodeAnswer(message: RequestMessage, place: string, refuse: Refuse): Fields[] {
  const { phase, reasoning_items: reasoning } = fieldsOf(message.provider_specific_fields);
  const said = encodeSaid(message, place, refuse);
  const calls = callsOf(message, place).map(({ id, name, arguments: args }) => {
    return { type: 'function_call', call_id: id, name, arguments: args };
  });
  // Reasoning that leads to nothing is refused.
  const led = said.length + calls.length > 0 ? reasoningToReplay(reasoning) : [];
  const text = { type: 'message', role: 'assistant', content: said, ...(textIn(phase) && { phase }) };
  return [...led, ...(said.length > 0 ? [text] : []), ...calls];
}

function encodeSaid({ content, refusal }: RequestMessage, place: string, refuse: Refuse): Fields[] {
  const said = partsOf(content, place).flatMap((part, index): Fields[] => {
    if (part.type !== 'text') {
      refuse(`${place}.content[${index}]`, 'the model can only have said text');
      return [];
    }
    const own = Array.isArray(content) ? content[index]?.type : undefined;
    return [own === 'refusal' ? refused(part.text) : { type: 'output_text', text: part.text }];
  });
  return typeof refusal === 'string' && refusal !== '' ? [...said, refused(refusal)] : said;
}

function refused(refusal: string): Fields {
  return { type: 'refusal', refusal };
}

function encodePart(part: ContentPart, place: string, refuse: Refuse): Fields[] {
  if (part.type === 'text') return [{ type: 'input_text', text: part.text }];
  if (part.type === 'image') {
    return [{ type: 'input_image', image_url: mediaUrl(part.media), detail: part.detail ?? 'auto' }];
  }
  if (part.type === 'audio') {
    refuse(place, 'responses take no audio');
    return [];
  }
  const { media, name } = part;
  if (media.kind === 'id') return [{ type: 'input_file', file_id: media.id }];
  if (media.kind === 'url') return [{ type: 'input_file', file_url: media.url }];
  // Bytes are not taken without a name.
  const filename = name ?? `file.${media.mediaType.split('/')[1]}`;
  return [{ type: 'input_file', filename, file_data: mediaUrl(media) }];
}
