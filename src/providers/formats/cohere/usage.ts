import type { Usage } from '../../../core/completion.ts';
import { countIn, fieldsOf } from '../../../core/json.ts';

/** Cohere's counts in OpenAI's terms: what the model saw and wrote, not what is billed. Null if there are none. */
export function usageOf(value: unknown): Usage | null {
  const usage = fieldsOf(value);
  const tokens = fieldsOf(usage.tokens ?? usage.billed_units);
  const prompt = countIn(tokens.input_tokens);
  const completion = countIn(tokens.output_tokens);
  if (prompt === null && completion === null) return null;
  const cached = countIn(usage.cached_tokens);
  const reasoning = countIn(tokens.reasoning_tokens);
  return {
    prompt_tokens: prompt ?? 0,
    completion_tokens: completion ?? 0,
    total_tokens: (prompt ?? 0) + (completion ?? 0),
    ...(cached !== null && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning !== null && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
