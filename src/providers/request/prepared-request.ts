import type { CompletionRequest, RequestMessage } from '../../core/completion.ts';
import { SluiceError } from '../../core/errors.ts';
import type { ProviderCall } from '../provider-call.ts';
import { type AnthropicSupport, NOTHING_OF_ANTHROPIC, withoutAnthropicFields } from './anthropic-fields.ts';
import { isDefault, OWN_FIELDS, REQUEST_FIELDS, type RequestField } from './fields.ts';
import { mergeParams } from './merge-params.ts';
import { readToolChoice, readTools, type ToolChoice, type ToolDefinition } from './tools.ts';

/**
 * A client's request as a format gets it: with the deployment's own parameters filled in, without what the format
 * cannot carry, and with OpenAI's several ways of saying one thing brought down to one.
 */
export class PreparedRequest {
  /** The provider's name, for messages. */
  readonly provider: string;
  /** The model to ask upstream for. */
  readonly model: string;
  /** The whole request under OpenAI's own names, for formats that are OpenAI's. Nothing in it is null. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly #dropping: boolean;
  readonly #isOwnTool: (type: string) => boolean;
  #tools: { tools: readonly ToolDefinition[]; choice: ToolChoice | null } | null = null;

  /**
   * `supports`: what the format can carry; `isOwnTool`: the types of tools that are the provider's own; `understood`: what
   * of Anthropic's own words the format knows.
   *
   * @throws {SluiceError} `unsupported_parameter` naming a field that is set and that the format cannot carry.
   */
  constructor(
    request: CompletionRequest,
    { deployment, model }: Pick<ProviderCall, 'deployment' | 'model'>,
    supports: ReadonlySet<RequestField>,
    isOwnTool: (type: string) => boolean = () => false,
    understood: AnthropicSupport = NOTHING_OF_ANTHROPIC,
  ) {
    this.provider = deployment.provider;
    this.model = model;
    this.#dropping = request.drop_params ?? deployment.dropParams;
    this.#isOwnTool = isOwnTool;
    const plain = withoutAnthropicFields(request, understood, supports, this.refuse);
    const body: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(mergeParams(plain, deployment))) {
      if (value === null || value === undefined) continue;
      const field = MODERN_NAMES[name] ?? name;
      if (!isRequestField(field) || supports.has(field)) body[name] = value;
      else if (!isDefault(field, value) && !this.#dropping) throw this.#unsupported(name);
    }
    this.body = body;
  }

  /**
   * Of roles system, developer, user, assistant and tool; `function` messages have become `tool` ones, and a refusal
   * that stood alone is content.
   */
  get messages(): readonly RequestMessage[] {
    return (this.body.messages as RequestMessage[]).map(withoutLegacy);
  }

  /** `max_completion_tokens` or `max_tokens`; null if neither is set. */
  get maxTokens(): number | null {
    return this.fields.max_completion_tokens ?? this.fields.max_tokens ?? null;
  }

  /** Empty if not set. */
  get stop(): readonly string[] {
    const { stop } = this.fields;
    return typeof stop === 'string' ? [stop] : (stop ?? []);
  }

  /** The functions that may be called, those of the legacy `functions` among them; empty if there are none. */
  get tools(): readonly ToolDefinition[] {
    return this.#readTools().tools;
  }

  /** The tools that are of the provider's own kinds, as they came; empty if there are none. */
  get ownTools(): readonly Readonly<Record<string, unknown>>[] {
    return (this.fields.tools ?? []).filter(({ type }) => this.#isOwnTool(type));
  }

  /** Null if not set, or without functions. */
  get toolChoice(): ToolChoice | null {
    return this.#readTools().choice;
  }

  /** OpenAI's fields, typed. Only what the format supports is there. */
  get fields(): Readonly<Partial<CompletionRequest>> {
    return this.body as Partial<CompletionRequest>;
  }

  /** Fields that OpenAI does not have: they are meant for this provider, which gets them as they are. */
  get extras(): Readonly<Record<string, unknown>> {
    const isExtra = ([name]: [string, unknown]): boolean => !OWN_FIELDS.has(name) && !isRequestField(name);
    return Object.fromEntries(Object.entries(this.body).filter(isExtra));
  }

  /**
   * Refuses a value that the format cannot carry, though it can carry the field: throws `unsupported_value`
   * naming `param`; returns where `drop_params` is set, for the caller to leave the value out.
   */
  readonly refuse = (param: string, why: string): void => {
    if (this.#dropping) return;
    const advice = 'change it, or set drop_params to have it dropped';
    const message = `${this.provider} (model ${this.model}): ${why} (${param}; ${advice}).`;
    throw new SluiceError('unsupported_value', message, { param });
  };

  #readTools(): { tools: readonly ToolDefinition[]; choice: ToolChoice | null } {
    if (this.#tools !== null) return this.#tools;
    const { functions, function_call } = this.body;
    const legacy = Array.isArray(functions)
      ? functions.map((definition) => ({ type: 'function', function: definition }))
      : [];
    const tools = readTools(this.fields.tools ?? legacy, this.refuse, this.#isOwnTool);
    const asked = this.fields.tool_choice ?? legacyChoice(function_call);
    this.#tools = readToolChoice(asked, tools, this.refuse) ?? { tools, choice: null };
    return this.#tools;
  }

  #unsupported(param: string): SluiceError {
    return new SluiceError(
      'unsupported_parameter',
      `${this.provider} (model ${this.model}) does not support '${param}': leave it out, or set drop_params to have it dropped.`,
      { param },
    );
  }
}

/** OpenAI's older and newer names for one thing; which one a format has to support. */
const MODERN_NAMES: Readonly<Record<string, RequestField>> = {
  max_completion_tokens: 'max_tokens',
  functions: 'tools',
  function_call: 'tool_choice',
};

const FIELDS: ReadonlySet<string> = new Set(REQUEST_FIELDS);

function isRequestField(name: string): name is RequestField {
  return FIELDS.has(name);
}

function legacyChoice(choice: unknown): CompletionRequest['tool_choice'] {
  if (typeof choice === 'object' && choice !== null) return { type: 'function', function: choice };
  return typeof choice === 'string' ? choice : null;
}

/** The legacy `function_call` and role `function` have no ids: the function's name stands for one. */
function withoutLegacy(given: RequestMessage): RequestMessage {
  if (given.role === 'function') return { ...given, role: 'tool', tool_call_id: given.name ?? '' };
  const message = withRefusal(given);
  const call = message.function_call as { name?: unknown; arguments?: unknown } | null | undefined;
  if (message.role !== 'assistant' || !call || message.tool_calls) return message;
  const definition = { name: String(call.name), arguments: String(call.arguments ?? '') };
  return { ...message, tool_calls: [{ id: definition.name, type: 'function', function: definition }] };
}

/** A refusal that was all that the model said, as the part of its content that it may also be. */
function withRefusal(message: RequestMessage): RequestMessage {
  const { refusal, ...others } = message;
  const said = message.content?.length ?? 0;
  if (typeof refusal !== 'string' || refusal === '' || said > 0) return message;
  return { ...others, content: [{ type: 'refusal', refusal }] };
}
