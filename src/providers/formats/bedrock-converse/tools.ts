import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { ToolChoice } from '../../request/tools.ts';
import { claudeModel } from '../anthropic/model.ts';
import { strictSchema } from '../anthropic/schema.ts';
import { ANSWER_TOOL, answerSchema, answerTool, encodeTools } from '../anthropic/tools.ts';
import { cachePoint } from './blocks.ts';
import type { Block } from './media.ts';
import type { BedrockModel } from './model.ts';

/** What the model may call, and the form that its answer must have. */
export interface Tooling {
  /** Bedrock's `toolConfig`; null where nothing may be called. */
  readonly config: Block | null;
  /** What Bedrock has no place for, in the words of the model's own interface. */
  readonly additional: Block;
  /** The schema of the answer. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** Whether the model has no choice but to call a tool. */
  readonly forced: boolean;
}

/**
 * Tools of Amazon's own, as LiteLLM has them: `{type: 'system_tool', system_tool: {name: 'nova_grounding'}}`.
 */
const SYSTEM_TOOL = 'system_tool';

/** `computer_20250124` and other tools of Anthropic's own, whose names end in a date; and Amazon's. */
export function isOwnTool(type: string): boolean {
  return type === SYSTEM_TOOL || /_20\d{6}$/.test(type);
}

/** @throws {SluiceError} `unsupported_value` for what the model cannot be told. */
export function toolingOf(request: PreparedRequest, model: BedrockModel): Tooling {
  return model.family === 'claude' ? claudeTooling(request, model) : otherTooling(request, model);
}

/** By Anthropic's rules, in Bedrock's words. */
function claudeTooling(request: PreparedRequest, model: BedrockModel): Tooling {
  const { tools, choice, format, forced } = encodeTools(request, claudeModel(request.model));
  const single = choice?.disable_parallel_tool_use === true;
  const own = tools.filter(({ type }) => type !== undefined);
  const specs = tools.filter(({ type }) => type === undefined).flatMap((tool) => toolBlocks(tool, model));
  const schema = (format?.schema ?? null) as Tooling['schema'];
  if (choice?.type === 'none' || tools.length === 0) return { config: null, additional: {}, schema, forced };
  // Bedrock refuses to be told twice, and knows only the plain choices itself.
  const told = !single && choice && { toolChoice: toolChoice(choice) };
  return {
    config: specs.length === 0 ? null : { tools: specs, ...told },
    additional: { ...(own.length > 0 && { tools: own }), ...(single && { tool_choice: choice }) },
    schema,
    forced,
  };
}

function otherTooling(request: PreparedRequest, model: BedrockModel): Tooling {
  const { tools, toolChoice: choice, ownTools, fields, refuse } = request;
  if (fields.parallel_tool_calls === false && tools.length > 0) {
    refuse('parallel_tool_calls', 'only Claude can be told to call one tool at a time');
  }
  const system = ownTools.filter(({ type }) => type === SYSTEM_TOOL);
  if (system.length < ownTools.length) refuse('tools', 'tools of Anthropic’s own are for its models only');
  const blocks = tools.flatMap(
    ({ name, description, parameters = { properties: {} }, strict, ...others }) => {
      const schema = { type: 'object', ...parameters };
      const isStrict = strict === true && model.structuredOutputs;
      const marked = { name, description, input_schema: isStrict ? strictSchema(schema) : schema, ...others };
      return toolBlocks({ ...marked, ...(isStrict && { strict }) }, model);
    },
  );
  blocks.push(...system.map(({ system_tool: tool }) => ({ systemTool: tool })));
  const asked = answerSchema(request);
  if (asked === null || model.structuredOutputs) {
    const schema = asked && strictSchema(asked);
    return { ...withChoice(blocks, choice), schema };
  }
  return answerByTool(request, model, blocks, asked);
}

/** Of a model that cannot answer in a schema: it has to call a tool with the answer. */
function answerByTool(
  { toolChoice: choice, refuse }: PreparedRequest,
  model: BedrockModel,
  blocks: readonly Block[],
  schema: Readonly<Record<string, unknown>>,
): Tooling {
  // A call that is forced anyway leaves no room for an answer.
  const callsAnyway = blocks.length > 0 && (choice === 'required' || typeof choice === 'object') && choice;
  if (callsAnyway) return { ...withChoice(blocks, choice), schema: null };
  if (!model.forcedTools) {
    refuse('response_format', 'this model has neither structured outputs nor forced tools');
    return { ...withChoice(blocks, choice), schema: null };
  }
  const free = blocks.length > 0 && choice !== 'none';
  const all = [...(free ? blocks : []), ...toolBlocks(answerTool(schema), model)];
  return { ...withChoice(all, free ? 'required' : { name: ANSWER_TOOL }), schema: null };
}

function withChoice(tools: readonly Block[], choice: ToolChoice | null): Omit<Tooling, 'schema'> {
  if (tools.length === 0 || choice === 'none') return { config: null, additional: {}, forced: false };
  const named = typeof choice === 'object' && choice !== null;
  const type = named ? 'tool' : choice === 'required' ? 'any' : choice;
  const told = type !== null && { toolChoice: toolChoice({ type, ...(named && choice) }) };
  return { config: { tools, ...told }, additional: {}, forced: type === 'any' || named };
}

/** Anthropic's `tool_choice` in Bedrock's form. */
function toolChoice({ type, name }: Block): Block {
  return { [String(type)]: type === 'tool' ? { name } : {} };
}

/** One of Anthropic's tools in Bedrock's form. */
function toolBlocks(
  { name, description, input_schema, strict, cache_control }: Block,
  model: BedrockModel,
): Block[] {
  const spec = {
    name,
    ...(description !== undefined && description !== '' && { description }),
    inputSchema: { json: input_schema },
    ...(strict === true && { strict }),
  };
  return [{ toolSpec: spec }, ...cachePoint(cache_control, model.caches)];
}
