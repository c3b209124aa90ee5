import type { CompletionRequest, RequestTool } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, presentIn } from '../../../core/json.ts';
import { requireText } from '../../refuse.ts';
import type { ResponseRequest } from '../schema.ts';

/**
 * Tools as chat completions have them: functions are nested below their type. All others are of one vendor, whose
 * provider gets them as they are; every other provider refuses them by name.
 */
export function toolsOf(tools: NonNullable<ResponseRequest['tools']>): RequestTool[] {
  return tools.map((tool, index) => {
    if (tool.type !== 'function' || 'function' in tool) return tool;
    const { type, name, description, parameters, strict, ...others } = tool;
    const definition = {
      name: requireText(name, `tools[${index}].name`),
      ...(typeof description === 'string' && { description }),
      ...(parameters != null && { parameters }),
      ...(typeof strict === 'boolean' && { strict }),
    };
    return { type, function: definition, ...others };
  });
}

/** `tool_choice` as chat completions have it: the name of a function is nested below its type. */
export function toolChoiceOf(
  choice: NonNullable<ResponseRequest['tool_choice']>,
): NonNullable<CompletionRequest['tool_choice']> {
  if (typeof choice === 'string') return choice;
  if (choice.type === 'function' && !('function' in choice)) return nested(choice, 'tool_choice');
  if (choice.type !== 'allowed_tools' || 'allowed_tools' in choice) return choice;
  const tools = objectsIn(choice.tools).map((tool, index) =>
    tool.type === 'function' && !('function' in tool) ? nested(tool, `tool_choice.tools[${index}]`) : tool,
  );
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

function nested(choice: Fields, param: string): { type: 'function'; function: Fields } {
  return { type: 'function', function: { name: requireText(choice.name, `${param}.name`) } };
}

/** `text.format` as chat completions' `response_format`; null for plain text. */
export function responseFormatOf(
  text: ResponseRequest['text'],
): NonNullable<CompletionRequest['response_format']> | null {
  const { type, ...format } = fieldsOf(text?.format);
  if (type === 'json_object') return { type };
  if (type !== 'json_schema') return null;
  requireText(format.name, 'text.format.name');
  return { type, json_schema: presentIn(format) };
}
