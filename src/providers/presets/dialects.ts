import type { ChatLimit } from '../formats/openai-chat/dialect.ts';
import type { RequestField } from '../request/fields.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';

type Body = Record<string, unknown>;

/** What hardly anybody but OpenAI has. */
export const OPENAI_ONLY: readonly RequestField[] = [
  'modalities',
  'audio',
  'prediction',
  'verbosity',
  'web_search_options',
  'service_tier',
];

/** For vendors that know the older name alone. */
export const TO_MAX_TOKENS = { max_completion_tokens: 'max_tokens' };

/** For vendors that know the newer name alone. */
export const TO_MAX_COMPLETION_TOKENS = { max_tokens: 'max_completion_tokens' };

/** A vendor whose temperature ends earlier than OpenAI's 2. */
export function temperatureUpTo(limit: number): ChatLimit {
  const refuses = (value: unknown): boolean => typeof value === 'number' && value > limit;
  return { field: 'temperature', refuses, why: `temperature must be at most ${limit}` };
}

/** A vendor that takes only these forms of `tool_choice`; `function` is the one that names a function. */
export function toolChoices(...taken: ('auto' | 'none' | 'required' | 'function')[]): ChatLimit {
  const refuses = (value: unknown): boolean => {
    const form = typeof value === 'string' ? value : 'function';
    return !(taken as readonly string[]).includes(form);
  };
  return { field: 'tool_choice', refuses, why: `tool_choice must be one of ${taken.join(', ')}` };
}

/** A vendor that promises JSON, but not JSON of a schema. */
export const NO_JSON_SCHEMA: ChatLimit = {
  field: 'response_format',
  refuses: (value) => (value as { type?: unknown }).type === 'json_schema',
  why: 'response_format must not be json_schema, only json_object',
};

/** OpenRouter's word for `reasoning_effort`. A `reasoning` that is there says more. */
export function effortInReasoning(body: Body): void {
  const { reasoning_effort: effort } = body;
  if (effort === undefined) return;
  body.reasoning ??= { effort };
  delete body.reasoning_effort;
}

/** For vendors whose models think or do not: `thinking: {type}`. */
export function effortAsThinking(body: Body): void {
  const { reasoning_effort: effort } = body;
  if (effort === undefined) return;
  body.thinking ??= { type: effort === 'none' ? 'disabled' : 'enabled' };
  delete body.reasoning_effort;
}

/** For vendors that answer 400 to names of participants. */
export function withoutNames(body: Body, request: PreparedRequest): void {
  body.messages = (body.messages as Body[]).map((message, index) => {
    if (message.name === undefined) return message;
    // That of a tool says nothing that the id of its call does not.
    if (message.role !== 'tool') {
      request.refuse(`messages[${index}].name`, 'names of participants are not supported');
    }
    const { name: _, ...others } = message;
    return others;
  });
}
