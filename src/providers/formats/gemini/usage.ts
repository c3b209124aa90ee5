import type { Usage } from '../../../core/completion.ts';
import { isFields } from '../../../core/json.ts';
import { countOf, itemsOf } from './wire.ts';

/**
 * `usageMetadata` as OpenAI counts: prompts with what tools brought into them, completions with thoughts. Null where
 * there are no counts yet, as in early messages of Vertex AI.
 */
export function usageOf(value: unknown): Usage | null {
  if (!isFields(value)) return null;
  const prompt = countOf(value.promptTokenCount);
  const candidates = countOf(value.candidatesTokenCount);
  const total = countOf(value.totalTokenCount);
  if (prompt === null && candidates === null && total === null) return null;
  const thoughts = countOf(value.thoughtsTokenCount);
  const cached = countOf(value.cachedContentTokenCount);
  const promptTokens = (prompt ?? 0) + (countOf(value.toolUsePromptTokenCount) ?? 0);
  const completionTokens = (candidates ?? 0) + (thoughts ?? 0);
  const ofPrompt = {
    ...(cached !== null && { cached_tokens: cached }),
    ...modalities(value.promptTokensDetails),
  };
  const ofCompletion = {
    ...(thoughts !== null && { reasoning_tokens: thoughts }),
    ...modalities(value.candidatesTokensDetails),
  };
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: total ?? promptTokens + completionTokens,
    ...(Object.keys(ofPrompt).length > 0 && { prompt_tokens_details: ofPrompt }),
    ...(Object.keys(ofCompletion).length > 0 && { completion_tokens_details: ofCompletion }),
  };
}

/** `audio_tokens` and the like; text is the rest. */
function modalities(details: unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { modality, tokenCount } of itemsOf(details)) {
    const count = countOf(tokenCount);
    if (typeof modality !== 'string' || modality === 'TEXT' || count === null) continue;
    counts[`${modality.toLowerCase()}_tokens`] = count;
  }
  return counts;
}
