import type { Usage } from '../../../core/completion.ts';
import { countIn } from '../../../core/json.ts';

/** Token counts as responses have them. */
export function usageOf(usage: Usage): object {
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: {
      cached_tokens: countIn(input?.cached_tokens) ?? 0,
      cache_write_tokens: countIn(input?.cache_creation_tokens) ?? 0,
    },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: countIn(output?.reasoning_tokens) ?? 0 },
    total_tokens: usage.total_tokens,
  };
}
