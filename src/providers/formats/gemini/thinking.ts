import type { PreparedRequest } from '../../request/prepared-request.ts';
import { type ModelTraits, traitsOf } from './model.ts';

/** Google's `thinkingConfig`. */
interface ThinkingConfig {
  readonly thinkingBudget?: number;
  readonly thinkingLevel?: string;
  readonly includeThoughts?: boolean;
}

/** In tokens, as Google's own endpoint for OpenAI's format translates the efforts. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1024, low: 1024, medium: 8192, high: 24_576 };

/**
 * How much the model thinks, and that its thoughts be told: from `reasoning_effort`, or from the `thinking` that
 * LiteLLM takes for every provider. Null where the request says nothing of it.
 */
export function thinkingConfig(request: PreparedRequest): ThinkingConfig | null {
  const { thinking } = request.extras;
  if (typeof thinking === 'object' && thinking !== null) return fromThinking(thinking);
  const effort = request.fields.reasoning_effort;
  if (effort === undefined || effort === null || effort === 'default') return null;
  const traits = traitsOf(request.model);
  const off = effort === 'none' || effort === 'disable';
  if (!off && BUDGETS[effort] === undefined) {
    request.refuse('reasoning_effort', "it must be 'none', 'minimal', 'low', 'medium' or 'high'");
    return null;
  }
  if (traits.version !== null && traits.version < 2.5) {
    if (!off) request.refuse('reasoning_effort', 'this model does not think');
    return null;
  }
  const config = off ? silence(traits) : thoughts(effort, traits);
  if (config === null) request.refuse('reasoning_effort', 'this model cannot be kept from thinking');
  return config;
}

function fromThinking(thinking: { type?: unknown; budget_tokens?: unknown }): ThinkingConfig | null {
  if (thinking.type === 'disabled') return { thinkingBudget: 0, includeThoughts: false };
  const { budget_tokens: budget } = thinking;
  return { ...(typeof budget === 'number' && { thinkingBudget: budget }), includeThoughts: true };
}

/** The least that there is; null where it is more than none. */
function silence(traits: ModelTraits): ThinkingConfig | null {
  if (hasLevels(traits)) {
    return hasMinimal(traits) ? { thinkingLevel: 'minimal', includeThoughts: false } : null;
  }
  return traits.version === 2.5 && traits.pro ? null : { thinkingBudget: 0, includeThoughts: false };
}

function thoughts(effort: string, traits: ModelTraits): ThinkingConfig {
  if (!hasLevels(traits)) return { thinkingBudget: BUDGETS[effort] ?? 0, includeThoughts: true };
  return { thinkingLevel: level(effort, traits), includeThoughts: true };
}

function level(effort: string, traits: ModelTraits): string {
  if (effort === 'minimal' && !hasMinimal(traits)) return 'low';
  // The first Gemini 3 Pro has two levels only.
  return effort === 'medium' && traits.version === 3 && traits.pro ? 'high' : effort;
}

function hasLevels({ version }: ModelTraits): boolean {
  return version !== null && version >= 3;
}

/** The level that comes near to not thinking is one of the small models', and of the first Flash models'. */
function hasMinimal({ version, flash, lite }: ModelTraits): boolean {
  return lite || (flash && version !== null && version <= 3.1);
}
