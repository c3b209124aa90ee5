import type { RequestMessage } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import { type ContentPart, type Media, readPart } from '../../request/content.ts';
import type { Refuse } from '../../request/tools.ts';
import type { Block } from './block.ts';

/**
 * A message's content as Anthropic's blocks. Blank texts, which Anthropic refuses, are left out. `place` is
 * the message's: `messages[2]`.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value`, naming the part.
 */
export function blocksOf({ content }: RequestMessage, place: string, refuse: Refuse): Block[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return parts.flatMap((part: { type: string; cache_control?: unknown }, index): Block[] => {
    if (OWN_PARTS.has(part.type)) return [{ ...part }];
    const at = `${place}.content[${index}]`;
    const block = blockOf(readPart(part, at), at, refuse);
    if (block !== null && part.cache_control !== undefined) block.cache_control = part.cache_control;
    return block === null ? [] : [block];
  });
}

/** Anthropic's own parts, which say more than OpenAI's, such as that a document is to be cited. */
const OWN_PARTS: ReadonlySet<string> = new Set([
  'document',
  'image',
  'search_result',
  'container_upload',
  'tool_reference',
]);

/** Sets Anthropic's mark on the last block, where a message as a whole has it. */
export function markLast(blocks: Block[], mark: unknown): void {
  const last = blocks.at(-1);
  if (last && mark !== undefined && mark !== null) last.cache_control ??= mark;
}

function blockOf(part: ContentPart, place: string, refuse: Refuse): Block | null {
  if (part.type === 'text') return part.text.trim() === '' ? null : { type: 'text', text: part.text };
  if (part.type === 'image') return { type: 'image', source: sourceOf(part.media, place) };
  if (part.type === 'file') return fileBlock(part, place, refuse);
  refuse(place, 'audio is not supported');
  return null;
}

function fileBlock(
  { media, name }: Extract<ContentPart, { type: 'file' }>,
  place: string,
  refuse: Refuse,
): Block | null {
  const title = name === undefined ? null : { title: name };
  if (media.kind === 'id') return { type: 'document', source: { type: 'file', file_id: media.id }, ...title };
  if (media.kind === 'url' || media.mediaType === 'application/pdf') {
    return { type: 'document', source: sourceOf(media, place), ...title };
  }
  if (media.mediaType.startsWith('image/')) return { type: 'image', source: sourceOf(media, place) };
  if (media.mediaType.startsWith('text/') || media.mediaType === 'application/json') {
    const data = Buffer.from(media.data, 'base64').toString('utf8');
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title };
  }
  refuse(place, `files of type ${media.mediaType} are not supported, only PDF, text and images`);
  return null;
}

function sourceOf(media: Media, place: string): Block {
  if (media.kind === 'data') {
    // The name that many use is not the registered one, and Anthropic knows only that.
    const mediaType = media.mediaType === 'image/jpg' ? 'image/jpeg' : media.mediaType;
    return { type: 'base64', media_type: mediaType, data: media.data };
  }
  if (media.url.startsWith('https:')) return { type: 'url', url: media.url };
  const what = `'${place}' names a file by an address that Anthropic cannot read; it must begin with https:.`;
  throw new SluiceError('invalid_value', what, { param: place });
}
