import type { RequestMessage } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import type { Fields } from '../../../core/json.ts';
import { argumentsObject, onlyText, partsOf, textOf } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Refuse } from '../../request/tools.ts';
import { callsOf, reasoningOf } from '../../request/turns.ts';

/** The messages in Ollama's form: plain text, with images beside it. */
export function encodeMessages({ messages, refuse }: PreparedRequest): Fields[] {
  const names = new Map<string, string>();
  return messages.map((message, index) => {
    const place = `messages[${index}]`;
    const content = textOf(message.content);
    if (message.role === 'user') return { role: 'user', content, ...media(message, place, refuse) };
    if (message.role === 'assistant') return encodeAssistant(message, place, { names, refuse });
    if (message.role !== 'tool') return { role: 'system', content: onlyText(message.content, place, refuse) };
    const { tool_call_id: id } = message;
    const name = message.name ?? (typeof id === 'string' ? names.get(id) : undefined);
    return {
      role: 'tool',
      content,
      ...(name && { tool_name: name }),
      ...(typeof id === 'string' && { tool_call_id: id }),
      ...media(message, place, refuse),
    };
  });
}

interface Conversation {
  /** The functions called so far, by the ids of their calls. */
  readonly names: Map<string, string>;
  readonly refuse: Refuse;
}

function encodeAssistant(message: RequestMessage, place: string, { names, refuse }: Conversation): Fields {
  const calls = callsOf(message, place).map(({ id, name, arguments: text, param }) => {
    names.set(id, name);
    return { id, function: { name, arguments: argumentsObject(text, param) } };
  });
  const reasoning = reasoningOf(message);
  return {
    role: 'assistant',
    content: onlyText(message.content, place, refuse),
    ...(reasoning !== '' && { thinking: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The bytes of images, and of sound, which Ollama takes in the same place. */
function media(message: RequestMessage, place: string, refuse: Refuse): Fields {
  const images = partsOf(message.content, place).flatMap((part, index) => {
    const at = `${place}.content[${index}]`;
    if (part.type === 'text') return [];
    if (part.type === 'file') {
      refuse(at, 'files cannot be sent, only text, images and sound');
      return [];
    }
    if (part.media.kind === 'data') return [part.media.data];
    const param = `${at}.image_url.url`;
    const what = `'${param}' must be a data: URI or an http(s) address.`;
    throw new SluiceError('invalid_value', what, { param });
  });
  return images.length > 0 ? { images } : {};
}
