import type { RequestMessage, ThinkingBlock } from '../../../core/completion.ts';
import { type Fields, isFields, textIn } from '../../../core/json.ts';

/**
 * The reasoning of an earlier turn that has to come back: signed, or withheld. Claude takes no other, such as a
 * client may have kept from models that do not sign.
 */
export function thinkingBlocks({ thinking_blocks: blocks }: RequestMessage): ThinkingBlock[] {
  return (Array.isArray(blocks) ? blocks : [])
    .filter(isFields)
    .flatMap(({ type, thinking, signature, data }): ThinkingBlock[] => {
      if (type === 'redacted_thinking' && typeof data === 'string') return [{ type, data }];
      if (type !== 'thinking' || typeof signature !== 'string' || signature === '') return [];
      return [{ type, thinking: textIn(thinking), signature }];
    });
}

export function isThinking({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}
