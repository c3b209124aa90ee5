import type { RequestMessage } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';
import { type ContentPart, mediaUrl, onlyText, readPart } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { Refuse } from '../../request/tools.ts';
import { callsOf, reasoningOf } from '../../request/turns.ts';

/** The messages in Cohere's form, which is nearly OpenAI's. */
export function encodeMessages({ messages, refuse }: PreparedRequest): Fields[] {
  return messages.map((message, index) => {
    const { role, content, tool_call_id } = message;
    const place = `messages[${index}]`;
    if (role === 'assistant') return encodeAssistant(message, place, refuse);
    if (role === 'user') return { role, content: encodeContent(content, place, refuse) };
    if (role === 'tool') return { role, tool_call_id, content: encodeContent(content, place, refuse) };
    return { role: 'system', content: onlyText(content, place, refuse) };
  });
}

/** Text, images, and Cohere's own documents, which tools may return for it to cite. */
function encodeContent(content: RequestMessage['content'], place: string, refuse: Refuse): string | Fields[] {
  if (!Array.isArray(content)) return content ?? '';
  return content.flatMap((part, index): Fields[] => {
    if (part.type === 'document') return [part];
    const at = `${place}.content[${index}]`;
    const read = readPart(part, at);
    if (read.type === 'text') return [{ type: 'text', text: read.text }];
    if (read.type === 'image') return [encodeImage(read)];
    refuse(at, `parts of type '${read.type}' cannot be sent, only text and images`);
    return [];
  });
}

function encodeImage({ media, detail }: Extract<ContentPart, { type: 'image' }>): Fields {
  return { type: 'image_url', image_url: { url: mediaUrl(media), ...(detail && { detail }) } };
}

/**
 * Reasoning that led to tool calls is their `tool_plan`, which is where Cohere's models look for it, whether they had
 * called it a plan or thinking. Reasoning of turns that ended in an answer is not needed any more.
 */
function encodeAssistant(message: RequestMessage, place: string, refuse: Refuse): Fields {
  const calls = callsOf(message, place).map(({ id, name, arguments: text }) => {
    return { id, type: 'function', function: { name, arguments: text } };
  });
  const text = onlyText(message.content, place, refuse);
  const plan = calls.length > 0 ? reasoningOf(message) : '';
  return {
    role: 'assistant',
    ...((text !== '' || calls.length === 0) && { content: text }),
    ...(plan !== '' && { tool_plan: plan }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}
