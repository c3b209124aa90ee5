import type { CompletionRequest } from '../../core/completion.ts';
import { type Fields, fieldsOrNull } from '../../core/json.ts';

/** A function that the model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** A JSON schema; absent for a function without parameters. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  /** Anthropic's mark on the end of what is to be cached, which LiteLLM takes on tools and parts. */
  readonly cache_control?: unknown;
  /** What else only Anthropic's requests say of a tool, under Anthropic's names. */
  readonly anthropic?: Fields;
}

/** The schema of a function without parameters, for those who want one for every function. */
export const NO_PARAMETERS = { type: 'object', properties: {} };

/** `auto`, `none`, `required` (any tool), or the one function to be called. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** `PreparedRequest.refuse`. */
export type Refuse = (param: string, why: string) => void;

/** OpenAI's `tools` that are functions. Others belong to one provider: they are refused, but for this one's own. */
export function readTools(
  tools: CompletionRequest['tools'],
  refuse: Refuse,
  isOwn: (type: string) => boolean = () => false,
): ToolDefinition[] {
  return (tools ?? []).flatMap((tool, index) => {
    if (isOwn(tool.type)) return [];
    const definition = fieldsOrNull(tool.function);
    if (tool.type !== 'function' || typeof definition?.name !== 'string') {
      refuse(`tools[${index}].type`, `tools of type '${tool.type}' are not supported, only functions`);
      return [];
    }
    const { name, description, strict } = definition;
    const parameters = fieldsOrNull(definition.parameters);
    const own = fieldsOrNull(tool.anthropic);
    const marked = definition.cache_control ?? tool.cache_control;
    return {
      name,
      ...(typeof description === 'string' && { description }),
      ...(parameters && { parameters }),
      ...(typeof strict === 'boolean' && { strict }),
      ...(marked !== undefined && { cache_control: marked }),
      ...(own && { anthropic: own }),
    };
  });
}

/** OpenAI's `tool_choice` in all its forms; `allowed_tools` leaves only these tools. Null: nothing is said. */
export function readToolChoice(
  choice: CompletionRequest['tool_choice'],
  tools: readonly ToolDefinition[],
  refuse: Refuse,
): { choice: ToolChoice; tools: readonly ToolDefinition[] } | null {
  if (choice == null || tools.length === 0) return null;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { choice, tools };
  if (choice === 'any') return { choice: 'required', tools };
  if (typeof choice === 'object') {
    if (choice.type === 'function') {
      const name = fieldsOrNull(choice.function)?.name ?? choice.name;
      if (typeof name === 'string' && tools.some((tool) => tool.name === name)) {
        return { choice: { name }, tools };
      }
      refuse('tool_choice', `it names a function that is not among the tools`);
      return null;
    }
    if (choice.type === 'allowed_tools')
      return allowedTools(fieldsOrNull(choice.allowed_tools) ?? choice, tools);
  }
  refuse('tool_choice', "it must be 'auto', 'none', 'required', a function, or allowed_tools");
  return null;
}

function allowedTools(
  { mode, tools: allowed }: Fields,
  tools: readonly ToolDefinition[],
): { choice: ToolChoice; tools: readonly ToolDefinition[] } {
  const names = (Array.isArray(allowed) ? allowed : []).map(
    (tool) => fieldsOrNull(tool?.function ?? tool)?.name,
  );
  return {
    choice: mode === 'required' ? 'required' : 'auto',
    tools: tools.filter(({ name }) => names.includes(name)),
  };
}
