import type { Usage } from '../../../core/completion.ts';
import { countIn, type Fields, isFields } from '../../../core/json.ts';

/**
 * Counts as Anthropic counts: its `input_tokens` are without those that were written into the cache or read from it, which
 * OpenAI's prompt includes. `tier`: the provider's word for the tier of service.
 */
export function writeUsage(usage: Usage | null, tier: string | undefined): Fields {
  const { cached_tokens, cache_creation_tokens, cache_creation_token_details } =
    usage?.prompt_tokens_details ?? {};
  const read = countIn(cached_tokens) ?? 0;
  const written = countIn(cache_creation_tokens) ?? 0;
  const thought = countIn(usage?.completion_tokens_details?.reasoning_tokens);
  const served = usage && 'server_tool_use' in usage ? usage.server_tool_use : null;
  return {
    input_tokens: Math.max(0, (usage?.prompt_tokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    ...(isFields(cache_creation_token_details) && { cache_creation: cache_creation_token_details }),
    output_tokens: usage?.completion_tokens ?? 0,
    ...(thought !== null && { output_tokens_details: { thinking_tokens: thought } }),
    ...(isFields(served) && { server_tool_use: served }),
    ...(tier !== undefined && { service_tier: tier === 'default' ? 'standard' : tier }),
  };
}
