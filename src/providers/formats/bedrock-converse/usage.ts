import type { Usage } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';

/**
 * Bedrock's counts as OpenAI counts: the prompt includes what was read from the cache and written into it,
 * which Bedrock counts apart, under one of two spellings or under both. Null where there are none.
 */
export function usageOf(counts: Fields): Usage | null {
  const input = count(counts.inputTokens) ?? count(counts.inputTokenCount);
  const output = count(counts.outputTokens) ?? count(counts.outputTokenCount);
  if (input === null && output === null) return null;
  const read = count(counts.cacheReadInputTokens) ?? count(counts.cacheReadInputTokenCount);
  const written = count(counts.cacheWriteInputTokens) ?? count(counts.cacheWriteInputTokenCount);
  const prompt = (input ?? 0) + (read ?? 0) + (written ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: output ?? 0,
    total_tokens: prompt + (output ?? 0),
    ...((read !== null || written !== null) && {
      prompt_tokens_details: { cached_tokens: read ?? 0, cache_creation_tokens: written ?? 0 },
    }),
  };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
