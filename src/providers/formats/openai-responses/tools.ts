import { type Fields, fieldsOf, objectsIn } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readTools, type ToolDefinition } from '../../request/tools.ts';

const NO_PARAMETERS = { type: 'object', properties: {} };

/** Whether tools of this type are OpenAI's own. Calls of custom tools are plain text, for which chat has no place. */
export function isOwnTool(type: string): boolean {
  return type !== 'function' && type !== 'custom';
}

/** Functions, then OpenAI's own tools as they came, then the search that chat completions ask for by a field. */
export function encodeTools(request: PreparedRequest): Fields {
  const { fields, ownTools, refuse } = request;
  const functions = fields.tools == null ? request.tools : readTools(fields.tools, refuse, isOwnTool);
  const tools = [...functions.map(encodeFunction), ...ownTools, ...webSearch(request)];
  if (tools.length === 0) return {};
  const choice = toolChoice(request, functions);
  return { tools, ...(choice !== null && { tool_choice: choice }) };
}

/** Functions are strict here unless they say otherwise, and not so in chat completions. */
function encodeFunction({ name, description, parameters, strict }: ToolDefinition): Fields {
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? NO_PARAMETERS,
    strict: strict ?? false,
  };
}

function toolChoice(request: PreparedRequest, functions: readonly ToolDefinition[]): unknown {
  const asked = request.fields.tool_choice;
  if (typeof asked === 'object' && asked !== null) {
    if (asked.type === 'allowed_tools') return allowedTools({ ...asked, ...fieldsOf(asked.allowed_tools) });
    if (isOwnTool(asked.type)) return asked;
  } else if (functions.length === 0) {
    return asked === 'any' ? 'required' : (asked ?? null);
  }
  const { toolChoice: read } = request;
  return typeof read === 'object' && read !== null ? { type: 'function', name: read.name } : read;
}

function allowedTools({ mode, tools }: Fields): Fields {
  const flat = objectsIn(tools).map((tool) => {
    const { function: named, ...own } = tool;
    return named === undefined ? own : { type: 'function', name: fieldsOf(named).name };
  });
  return { type: 'allowed_tools', mode: mode === 'required' ? 'required' : 'auto', tools: flat };
}

function webSearch({ fields }: PreparedRequest): Fields[] {
  if (fields.web_search_options === undefined) return [];
  const { user_location: place, ...options } = fieldsOf(fields.web_search_options);
  const { approximate, ...flat } = fieldsOf(place);
  const location = place != null && { user_location: { ...flat, ...fieldsOf(approximate) } };
  return [{ type: 'web_search', ...options, ...location }];
}
