import type { Usage } from '../../../core/completion.ts';

/**
 * The `usage` of a chunk as OpenAI counts it, or null where there are no counts. What a server adds (cost,
 * times) is kept; nulls are dropped, and a missing total is the sum.
 */
export function usageOf(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field !== null) fields[name] = field;
  }
  const prompt = count(fields.prompt_tokens);
  const completion = count(fields.completion_tokens);
  if (prompt === null && completion === null) return null;
  const total = count(fields.total_tokens) ?? (prompt ?? 0) + (completion ?? 0);
  const usage: Usage = {
    ...fields,
    prompt_tokens: prompt ?? 0,
    completion_tokens: completion ?? 0,
    total_tokens: total,
  };
  usage.completion_tokens += reasoningApart(usage);
  // Together and Moonshot put it beside the totals, DeepSeek under a name of its own.
  const cached = count(fields.cached_tokens) ?? count(fields.prompt_cache_hit_tokens);
  if (cached !== null) usage.prompt_tokens_details ??= { cached_tokens: cached };
  return usage;
}

/** xAI leaves reasoning out of `completion_tokens` and has it in the total: only then does the sum say so. */
function reasoningApart({ prompt_tokens, completion_tokens, total_tokens, ...details }: Usage): number {
  const reasoning = count(details.completion_tokens_details?.reasoning_tokens) ?? 0;
  return prompt_tokens + completion_tokens + reasoning === total_tokens ? reasoning : 0;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
