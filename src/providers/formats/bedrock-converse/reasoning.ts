import type { RequestMessage, ThinkingBlock } from '../../../core/completion.ts';
import { thinkingBlocks } from '../anthropic/thinking-blocks.ts';
import type { Block } from './media.ts';

/**
 * The reasoning of an earlier turn that has to come back. Bedrock wants the withheld one as base64 of what
 * Anthropic's own interface gives.
 */
export function reasoningBlocks(message: RequestMessage): Block[] {
  return thinkingBlocks(message).map((block): Block => {
    if (block.type === 'redacted_thinking') {
      const redactedContent = Buffer.from(block.data, 'latin1').toString('base64');
      return { reasoningContent: { redactedContent } };
    }
    const { thinking: text, signature } = block;
    return { reasoningContent: { reasoningText: { text, signature } } };
  });
}

/** The inverse of what {@link reasoningBlocks} does with withheld reasoning. */
export function redactedBlock(content: string): ThinkingBlock {
  return { type: 'redacted_thinking', data: Buffer.from(content, 'base64').toString('latin1') };
}
