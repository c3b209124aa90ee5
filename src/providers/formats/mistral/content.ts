import type { RequestMessage } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';
import { type ContentPart, mediaUrl, readPart } from '../../request/content.ts';

/** Mistral's own parts, which are for clients who know it. */
const OWN: ReadonlySet<unknown> = new Set(['document_url', 'reference', 'thinking']);

/**
 * The content of a message as Mistral takes it. `place` is the message's: `messages[2]`.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value`, naming the part.
 */
export function encodeContent(content: RequestMessage['content'], place: string): string | Fields[] {
  if (!Array.isArray(content)) return content ?? '';
  return content.map((part, index) => {
    const isOwn = OWN.has(part.type) || (part.type === 'file' && typeof part.file_id === 'string');
    return isOwn ? part : encodePart(readPart(part, `${place}.content[${index}]`));
  });
}

function encodePart(part: ContentPart): Fields {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'image') {
    const { detail } = part;
    return { type: 'image_url', image_url: { url: mediaUrl(part.media), ...(detail && { detail }) } };
  }
  if (part.type === 'audio')
    return {
      type: 'input_audio',
      input_audio: part.media.kind === 'data' ? part.media.data : part.media.url,
    };
  if (part.media.kind === 'id') return { type: 'file', file_id: part.media.id };
  const { name } = part;
  return { type: 'document_url', document_url: mediaUrl(part.media), ...(name && { document_name: name }) };
}
