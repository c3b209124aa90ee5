import type { Usage } from '../../core/completion.ts';
import { countIn, type Fields, fieldsOf, fieldsOrNull, textIn } from '../../core/json.ts';

/**
 * Counts as Anthropic counts: its `input_tokens` are without those that were written into the cache or read from it, which
 * OpenAI's prompt includes. `tier`: the provider's word for the tier of service. Null is what is not known.
 */
export function writeUsage(usage: Usage | null, tier: string | undefined): Fields {
  const { cached_tokens, cache_creation_tokens, cache_creation_token_details } =
    usage?.prompt_tokens_details ?? {};
  const read = countIn(cached_tokens) ?? 0;
  const written = countIn(cache_creation_tokens) ?? 0;
  const thought = countIn(usage?.completion_tokens_details?.reasoning_tokens);
  const own = fieldsOf(usage);
  return {
    input_tokens: Math.max(0, (usage?.prompt_tokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: fieldsOrNull(cache_creation_token_details),
    output_tokens: usage?.completion_tokens ?? 0,
    output_tokens_details: thought === null ? null : { thinking_tokens: thought },
    server_tool_use: fieldsOrNull(own.server_tool_use),
    service_tier: tierOf(tier),
    inference_geo: textIn(own.inference_geo) || null,
    speed: textIn(own.speed) || null,
  };
}

const TIERS: ReadonlySet<string> = new Set(['standard', 'priority', 'batch']);

/** Tiers that Anthropic does not have are none to its clients. */
function tierOf(tier = ''): string | null {
  if (tier === 'default') return 'standard';
  return TIERS.has(tier) ? tier : null;
}
