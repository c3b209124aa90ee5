import type { RequestMessage } from '../../../core/completion.ts';
import { readPart } from '../../request/content.ts';
import type { Block, MediaBlocks } from './media.ts';

/**
 * A message's content as Bedrock's blocks. Blank texts, which Bedrock refuses, are left out. `place` is the
 * message's: `messages[2]`.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value`, naming the part.
 */
export function blocksOf(
  { content }: RequestMessage,
  place: string,
  media: MediaBlocks,
  caches: boolean,
): Block[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return parts.flatMap((part: Readonly<Record<string, unknown>>, index) => {
    const block = blockOf(part, `${place}.content[${index}]`, media);
    return block === null ? [] : [block, ...cachePoint(part.cache_control, caches)];
  });
}

/** LiteLLM's name for a text that a guardrail is to look at. */
const GUARDED = 'guarded_text';

function blockOf(part: Readonly<Record<string, unknown>>, place: string, media: MediaBlocks): Block | null {
  const guarded = part.type === GUARDED;
  const read = readPart(guarded ? { ...part, type: 'text' } : part, place);
  if (read.type !== 'text') return media.encode(read, place);
  const { text } = read;
  if (text.trim() === '') return null;
  return guarded ? { guardContent: { text: { text } } } : { text };
}

/**
 * Anthropic's mark on the end of what is to be kept for the next request, as Bedrock's block behind it; for
 * models that keep nothing, none.
 */
export function cachePoint(mark: unknown, caches: boolean): Block[] {
  if (!caches || typeof mark !== 'object' || mark === null) return [];
  const ttl = 'ttl' in mark && typeof mark.ttl === 'string' && { ttl: mark.ttl };
  return [{ cachePoint: { type: 'default', ...ttl } }];
}
