import type { Usage } from '../../../core/completion.ts';
import { type Fields, isFields, presentIn } from '../../../core/json.ts';

/**
 * Anthropic's counts as OpenAI counts: the prompt includes what was read from the cache and written into it,
 * which Anthropic counts apart; the output includes the thinking in both. Null where there are none.
 */
export function usageOf(counts: Fields): Usage | null {
  const input = count(counts.input_tokens);
  const output = count(counts.output_tokens);
  if (input === null && output === null) return null;
  const written = count(counts.cache_creation_input_tokens);
  const read = count(counts.cache_read_input_tokens);
  const prompt = (input ?? 0) + (written ?? 0) + (read ?? 0);
  const thought = isFields(counts.output_tokens_details)
    ? count(counts.output_tokens_details.thinking_tokens)
    : null;
  const byLifetime = isFields(counts.cache_creation)
    ? { cache_creation_token_details: counts.cache_creation }
    : null;
  return {
    prompt_tokens: prompt,
    completion_tokens: output ?? 0,
    total_tokens: prompt + (output ?? 0),
    ...((written !== null || read !== null) && {
      prompt_tokens_details: {
        cached_tokens: read ?? 0,
        cache_creation_tokens: written ?? 0,
        ...((written ?? 0) > 0 && byLifetime),
      },
    }),
    ...(thought !== null && { completion_tokens_details: { reasoning_tokens: thought } }),
    ...toldBesides(counts),
  };
}

/** Counts, and circumstances of what is counted, that OpenAI has no word for. */
function toldBesides({ server_tool_use: served, inference_geo: place, speed }: Fields): Fields {
  return {
    ...(isFields(served) && { server_tool_use: served }),
    ...(typeof place === 'string' && { inference_geo: place }),
    ...(typeof speed === 'string' && { speed }),
  };
}

/**
 * The counts told so far: each one that is told again takes the place of the earlier, and null tells nothing.
 */
export function mergeCounts(earlier: Fields, later: unknown): Fields {
  if (!isFields(later)) return earlier;
  return { ...earlier, ...presentIn(later) };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
