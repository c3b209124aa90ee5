import type { PreparedRequest } from '../../request/prepared-request.ts';
import { NO_PARAMETERS, type ToolChoice, type ToolDefinition } from '../../request/tools.ts';

const BUILT_IN: ReadonlySet<string> = new Set([
  'web_search',
  'web_search_premium',
  'code_interpreter',
  'image_generation',
  'document_library',
  'connector',
]);

/** Whether tools of this type are Mistral's own. */
export function isBuiltIn(type: string): boolean {
  return BUILT_IN.has(type);
}

/** Writes tools and the choice among them in Mistral's words. Its built-in tools stay as the client wrote them. */
export function encodeTools(body: Record<string, unknown>, request: PreparedRequest): void {
  const { tools, ownTools, toolChoice } = request;
  const asked = toolChoice ?? (ownTools.length > 0 ? body.tool_choice : null);
  for (const field of ['tools', 'tool_choice', 'functions', 'function_call']) delete body[field];
  const all = [...tools.map(encodeTool), ...ownTools];
  if (all.length > 0) body.tools = all;
  if (asked) body.tool_choice = encodeChoice(asked as ToolChoice);
}

function encodeTool({ name, description, parameters = NO_PARAMETERS, strict }: ToolDefinition): object {
  const told = description !== undefined && { description };
  return {
    type: 'function',
    function: { name, ...told, parameters, ...(strict !== undefined && { strict }) },
  };
}

function encodeChoice(choice: ToolChoice): unknown {
  if (choice === 'required') return 'any';
  return typeof choice === 'object' && choice.name ? { type: 'function', function: choice } : choice;
}
