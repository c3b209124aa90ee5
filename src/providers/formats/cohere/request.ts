import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import { NO_PARAMETERS } from '../../request/tools.ts';
import { encodeMessages } from './messages.ts';

/** A request in Cohere's form, version 2. */
export function encodeRequest(request: PreparedRequest): object {
  const { fields, extras } = request;
  const { top_k, ...others } = extras;
  return {
    model: request.model,
    messages: encodeMessages(request),
    stream: true,
    ...sampling(request),
    ...(top_k !== undefined && { k: top_k }),
    ...(fields.logprobs === true && { logprobs: true }),
    ...tools(request),
    ...responseFormat(request),
    ...thinking(request),
    ...others,
  };
}

/** What Cohere takes of the fields whose values OpenAI lets go further. */
const RANGES = {
  temperature: [0, 1],
  frequency_penalty: [0, 1],
  presence_penalty: [0, 1],
  seed: [0, Number.MAX_SAFE_INTEGER],
} as const;

function sampling(request: PreparedRequest): object {
  const { fields, maxTokens, stop } = request;
  const ranged = Object.entries(RANGES).flatMap(([field, [least, most]]) => {
    const value = fields[field as keyof typeof RANGES];
    if (value == null) return [];
    if (value >= least && value <= most) return [[field, value]];
    const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `between ${least} and ${most}`;
    request.refuse(field, `it must be ${range}`);
    return [];
  });
  return {
    ...Object.fromEntries(ranged),
    // 0 and 1 are the ends of OpenAI's range, and beyond those of Cohere's.
    ...(fields.top_p != null && { p: Math.min(Math.max(fields.top_p, 0.01), 0.99) }),
    ...(maxTokens !== null && { max_tokens: maxTokens }),
    ...(stop.length > 0 && { stop_sequences: stop }),
  };
}

function tools(request: PreparedRequest): object {
  const { tools: given, toolChoice } = request;
  if (given.length === 0) return {};
  if (typeof toolChoice === 'object' && toolChoice !== null) {
    request.refuse('tool_choice', 'no function can be named, only auto, none or required');
  }
  const choice = toolChoice === 'required' || toolChoice === 'none' ? toolChoice.toUpperCase() : undefined;
  return {
    tools: given.map(({ name, description, parameters = NO_PARAMETERS }) => {
      return { type: 'function', function: { name, ...(description && { description }), parameters } };
    }),
    // One switch for all of them: a function that is not strict may have what strictness forbids.
    ...(given.every(({ strict }) => strict === true) && { strict_tools: true }),
    ...(choice !== undefined && { tool_choice: choice }),
  };
}

function responseFormat(request: PreparedRequest): object {
  const shape = readResponseFormat(request);
  if (shape === null) return {};
  const schema = shape.type === 'schema' && { json_schema: shape.schema };
  return { response_format: { type: 'json_object', ...schema } };
}

/** Tokens for thinking at the efforts below `high`, which has no bound, as Cohere recommends. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 512, low: 1024, medium: 4096 };

function thinking({ fields, extras }: PreparedRequest): object {
  const { reasoning_effort: effort } = fields;
  if (effort == null || effort === 'default' || extras.thinking !== undefined) return {};
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  const budget = BUDGETS[effort];
  return { thinking: { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) } };
}
