import { type Fields, isFields } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import type { ToolChoice, ToolDefinition } from '../../request/tools.ts';
import type { Block } from './block.ts';
import type { ClaudeModel } from './model.ts';
import { strictSchema } from './schema.ts';

/** The tool by which models without structured outputs answer in a schema; its input is the answer's text. */
export const ANSWER_TOOL = 'sluice_structured_answer';

/** Anthropic's `tools`, `tool_choice` and `output_config.format`. */
export interface Tooling {
  readonly tools: readonly Block[];
  readonly choice: Block | null;
  readonly format: Block | null;
  /** Whether the model has no choice but to call a tool. */
  readonly forced: boolean;
}

/**
 * What the model may call, and the form that its answer must have.
 *
 * @throws {SluiceError} `unsupported_value` for what the model cannot be told.
 */
export function encodeTools(request: PreparedRequest, model: ClaudeModel): Tooling {
  const tools: Block[] = request.tools.map((tool) => encodeTool(tool, model));
  tools.push(...request.ownTools, ...webSearch(request));
  const choice = encodeChoice(request, model);
  const schema = answerSchema(request);
  if (schema === null || model.structuredOutputs) {
    const format = schema && { type: 'json_schema', schema: strictSchema(schema) };
    return { tools, choice, format, forced: isForced(choice) };
  }
  // A call that is forced anyway leaves no room for an answer.
  if (isForced(choice)) return { tools, choice, format: null, forced: true };
  const mayCall = tools.length > 0 && choice?.type !== 'none';
  const answering = mayCall
    ? { type: 'any', disable_parallel_tool_use: true }
    : { type: 'tool', name: ANSWER_TOOL };
  return { tools: [...tools, answerTool(schema)], choice: answering, format: null, forced: true };
}

function encodeTool(
  { name, description, parameters, strict, cache_control, anthropic }: ToolDefinition,
  model: ClaudeModel,
) {
  const isStrict = strict === true && model.structuredOutputs;
  const schema = { type: 'object', ...(parameters ?? { properties: {} }) };
  return {
    ...anthropic,
    name,
    ...(description !== undefined && { description }),
    input_schema: isStrict ? strictSchema(schema) : schema,
    ...(isStrict && { strict }),
    ...(cache_control !== undefined && { cache_control }),
  };
}

/** OpenAI's words for whether a tool is to be called. */
const CHOICES = { auto: 'auto', none: 'none', required: 'any' } as const;

function encodeChoice(request: PreparedRequest, model: ClaudeModel): Block | null {
  const choice = allowed(choiceOf(request.toolChoice), request, model);
  const single = request.fields.parallel_tool_calls === false && request.tools.length > 0;
  if (!single || choice?.type === 'none') return choice;
  return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true };
}

function choiceOf(choice: ToolChoice | null): Block | null {
  if (choice === null) return null;
  return typeof choice === 'string' ? { type: CHOICES[choice] } : { type: 'tool', name: choice.name };
}

function allowed(choice: Block | null, request: PreparedRequest, model: ClaudeModel): Block | null {
  if (model.forcedTools || !isForced(choice)) return choice;
  request.refuse('tool_choice', 'this model cannot be forced to call a tool');
  return null;
}

function isForced(choice: Block | null): boolean {
  return choice?.type === 'any' || choice?.type === 'tool';
}

/** The schema that the answer must have; null for text. Refuses JSON of any form, which Claude does not promise. */
export function answerSchema(request: PreparedRequest): Fields | null {
  const shape = readResponseFormat(request);
  if (shape === null || shape.type === 'schema') return shape?.schema ?? null;
  request.refuse('response_format', "there is no JSON mode without a schema, give it a 'json_schema'");
  return null;
}

/** {@link ANSWER_TOOL} for answers in this schema. */
export function answerTool(schema: Fields): Block {
  return {
    name: ANSWER_TOOL,
    description: 'Gives the answer to the user. Its input is the whole answer.',
    input_schema: { type: 'object', ...schema },
  };
}

/** OpenAI's `search_context_size` as a number of searches; LiteLLM's numbers. */
const SEARCHES: Readonly<Record<string, number>> = { low: 1, medium: 5, high: 10 };

/** OpenAI's `web_search_options` as Anthropic's tool. */
function webSearch({ body }: PreparedRequest): Block[] {
  const options = body.web_search_options;
  if (!isFields(options)) return [];
  const { search_context_size: size, user_location: location } = options;
  const place = isFields(location) ? (location.approximate ?? location) : null;
  return [
    {
      type: 'web_search_20250305',
      name: 'web_search',
      ...(typeof size === 'string' && Object.hasOwn(SEARCHES, size) && { max_uses: SEARCHES[size] }),
      ...(isFields(place) && { user_location: { ...place, type: 'approximate' } }),
    },
  ];
}
