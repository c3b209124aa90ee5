import type { RequestMessage, ThinkingBlock } from '../../../core/completion.ts';
import { objectsIn, textIn } from '../../json.ts';
import type { Block } from './media.ts';

/**
 * The reasoning of an earlier turn that has to come back: signed, or withheld. Bedrock takes no other, and
 * wants the withheld one as base64 of what Anthropic's own interface gives.
 */
export function reasoningBlocks({ thinking_blocks: blocks }: RequestMessage): Block[] {
  return objectsIn(blocks).flatMap(({ type, thinking, signature, data }): Block[] => {
    if (type === 'redacted_thinking' && typeof data === 'string') {
      return [{ reasoningContent: { redactedContent: Buffer.from(data, 'latin1').toString('base64') } }];
    }
    if (type !== 'thinking' || typeof signature !== 'string' || signature === '') return [];
    return [{ reasoningContent: { reasoningText: { text: textIn(thinking), signature } } }];
  });
}

/** The inverse of what {@link reasoningBlocks} does with withheld reasoning. */
export function redactedBlock(content: string): ThinkingBlock {
  return { type: 'redacted_thinking', data: Buffer.from(content, 'base64').toString('latin1') };
}
