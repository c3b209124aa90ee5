import type { Usage } from '../../../core/completion.ts';
import { fieldsOf } from '../../../core/json.ts';

/** The `usage` of a response in chat completions' words; null where there are no counts. */
export function usageOf(value: unknown): Usage | null {
  const { input_tokens, output_tokens, total_tokens, ...details } = fieldsOf(value);
  const [input, output] = [count(input_tokens), count(output_tokens)];
  if (input === null && output === null) return null;
  const { cached_tokens, cache_write_tokens } = fieldsOf(details.input_tokens_details);
  const prompt = {
    ...counted('cached_tokens', cached_tokens),
    ...counted('cache_creation_tokens', cache_write_tokens),
  };
  const completion = counted('reasoning_tokens', fieldsOf(details.output_tokens_details).reasoning_tokens);
  return {
    prompt_tokens: input ?? 0,
    completion_tokens: output ?? 0,
    total_tokens: count(total_tokens) ?? (input ?? 0) + (output ?? 0),
    ...(Object.keys(prompt).length > 0 && { prompt_tokens_details: prompt }),
    ...(Object.keys(completion).length > 0 && { completion_tokens_details: completion }),
  };
}

function counted(name: string, value: unknown): Record<string, number> {
  const tokens = count(value);
  return tokens === null ? {} : { [name]: tokens };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
