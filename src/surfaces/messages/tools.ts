import type { RequestTool } from '../../core/completion.ts';
import { type Fields, isFields, presentIn } from '../../core/json.ts';
import { refuse, refuseMissing } from '../refuse.ts';
import type { CountRequest, GivenTool } from './schema.ts';

/**
 * Anthropic's tools as OpenAI's: those that the client runs become functions, Anthropic's own stay what they are, for
 * providers that have them.
 *
 * @throws {SluiceError} naming the tool that says too little.
 */
export function toolsOf(tools: readonly GivenTool[]): RequestTool[] {
  return tools.map((tool, index) => {
    const { type } = tool;
    const isCustom = type === undefined || type === null || type === 'custom';
    return isCustom ? functionOf(tool, `tools[${index}]`) : { ...tool, type };
  });
}

function functionOf(tool: GivenTool, place: string): RequestTool {
  const { type: _, name, description, input_schema, strict, cache_control: mark, ...others } = tool;
  if (name === undefined) refuseMissing(`${place}.name`);
  if (input_schema === undefined) refuseMissing(`${place}.input_schema`);
  if (!isFields(input_schema)) {
    const param = `${place}.input_schema`;
    refuse('invalid_type', `'${param}' must be an object.`, param);
  }
  const more = presentIn(others);
  return {
    type: 'function',
    function: {
      name,
      ...(typeof description === 'string' && { description }),
      parameters: input_schema,
      ...(typeof strict === 'boolean' && { strict }),
    },
    ...(mark !== undefined && mark !== null && { cache_control: mark }),
    ...(Object.keys(more).length > 0 && { anthropic: more }),
  };
}

/** Anthropic's words for whether a tool is to be called, in OpenAI's. */
const CHOICES = { auto: 'auto', any: 'required', none: 'none' } as const;

/** `tool_choice` and `parallel_tool_calls`, as far as something is said of them. */
export function toolChoiceOf(choice: CountRequest['tool_choice']): Fields {
  if (choice === null || choice === undefined) return {};
  return {
    tool_choice: choice.type === 'tool' ? named(choice.name) : CHOICES[choice.type],
    ...(choice.disable_parallel_tool_use === true && { parallel_tool_calls: false }),
  };
}

function named(name: string | undefined): Fields {
  if (name === undefined) refuseMissing('tool_choice.name');
  return { type: 'function', function: { name } };
}
