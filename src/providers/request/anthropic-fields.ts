import type { CompletionRequest } from '../../core/completion.ts';
import { type Fields, fieldsOf, isFields } from '../../core/json.ts';
import { MARKS, type Mark, plainMessage, without } from './anthropic-parts.ts';
import type { RequestField } from './fields.ts';
import { mediaBehindResults } from './result-media.ts';
import type { Refuse } from './tools.ts';

/** How much a format understands of what only Anthropic's requests say (`CompletionRequest.anthropic`). */
export interface AnthropicSupport {
  /** These of its fields, which the format finds among its extras. */
  readonly fields: 'all' | readonly string[];
  /** These marks: on messages, parts and tools what is to be cached, on the results of tools that they failed. */
  readonly marks: readonly Mark[];
  /** Whether the results of tools may hold images and files; else they are said by the user. */
  readonly resultMedia: boolean;
}

/** What most formats understand of it: nothing. */
export const NOTHING_OF_ANTHROPIC: AnthropicSupport = { fields: [], marks: [], resultMedia: false };

/** Fields that ask for nothing in the answer: what is cached, what old context may be forgotten, whom a request is for. */
const HINTS: ReadonlySet<string> = new Set([
  'cache_control',
  'context_management',
  'betas',
  'anthropic_beta',
  'diagnostics',
  'user_profile_id',
  'workspace_id',
]);

/** Fields of a tool that say how it is used, not what it does. */
const TOOL_HINTS: ReadonlySet<string> = new Set(['eager_input_streaming', 'input_examples']);

/**
 * A request without `anthropic`: what of it the format understands is among the fields, thinking and effort have become
 * OpenAI's `reasoning_effort`, hints and marks are left out, and everything else is refused by name.
 */
export function withoutAnthropicFields(
  request: CompletionRequest,
  understood: AnthropicSupport,
  supports: ReadonlySet<RequestField>,
  refuse: Refuse,
): CompletionRequest {
  const { anthropic, ...plain } = request;
  if (!isFields(anthropic)) return request;
  const { fields, marks, resultMedia } = understood;
  const all = Object.entries(anthropic).filter(([, value]) => value !== null && value !== undefined);
  if (fields === 'all') return { ...plain, ...Object.fromEntries(all) };
  const unknown = MARKS.filter((mark) => !marks.includes(mark));
  const kept = all.filter(([name]) => fields.includes(name));
  const { thinking, output_config, ...others } = Object.fromEntries(
    all.filter(([name]) => !fields.includes(name)),
  );
  for (const name of Object.keys(others)) {
    if (!HINTS.has(name)) refuse(name, "only Anthropic's own models have it");
  }
  const messages = plain.messages.map((message, index) => {
    return plainMessage(message, `messages[${index}]`, unknown, refuse);
  });
  const effort = reasoningEffort(fieldsOf(thinking), fieldsOf(output_config), supports, refuse);
  return {
    ...plain,
    ...Object.fromEntries(kept),
    ...(plain.user && plain.user.length > LONGEST_USER && { user: undefined }),
    ...(effort !== null && { reasoning_effort: effort }),
    messages: resultMedia ? messages : mediaBehindResults(messages),
    ...(plain.tools && { tools: plainTools(plain.tools, unknown, refuse) }),
  };
}

/** Characters of `user` that OpenAI takes; Anthropic's clients say more. Whom a request is for is only a hint. */
const LONGEST_USER = 64;

/** Budgets in tokens below which an effort is the nearest: between those that vendors take efforts for. */
const LOW_BELOW = 4096;
const MEDIUM_BELOW = 16_384;

/** OpenAI's word for how much to think. Null: nothing is said, or the model sees fit by itself. */
function reasoningEffort(
  thinking: Fields,
  { effort, format: _, ...others }: Fields,
  supports: ReadonlySet<RequestField>,
  refuse: Refuse,
): string | null {
  for (const name of Object.keys(others))
    refuse(`output_config.${name}`, "only Anthropic's own models have it");
  const isOff = thinking.type === 'disabled' || thinking.type === 'between_tools';
  if (!supports.has('reasoning_effort')) {
    if (thinking.type === 'enabled') refuse('thinking', 'it cannot be told to think');
    return null;
  }
  if (isOff) return 'none';
  // The highest that OpenAI has a word for.
  if (typeof effort === 'string') return effort === 'max' ? 'xhigh' : effort;
  const { budget_tokens: budget } = thinking;
  if (thinking.type !== 'enabled' || typeof budget !== 'number') return null;
  if (budget < LOW_BELOW) return 'low';
  return budget < MEDIUM_BELOW ? 'medium' : 'high';
}

type Tools = NonNullable<CompletionRequest['tools']>;

/** Functions alone, without what only Anthropic knows of them. */
function plainTools(tools: Tools, marks: readonly Mark[], refuse: Refuse): Tools {
  return tools.flatMap((tool, index) => {
    if (tool.type !== 'function') {
      refuse(`tools[${index}].type`, `tools of type '${tool.type}' are Anthropic's own`);
      return [];
    }
    const { anthropic, ...plain } = tool;
    for (const name of Object.keys(fieldsOf(anthropic))) {
      if (!TOOL_HINTS.has(name)) refuse(`tools[${index}].${name}`, "only Anthropic's own models have it");
    }
    return [without(plain, marks)];
  });
}
