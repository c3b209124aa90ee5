import type { RequestMessage } from '../../../core/completion.ts';
import { type Fields, isFields } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { ClaudeModel } from './model.ts';
import { thinkingBlocks } from './thinking-blocks.ts';

/** How much a model is to think: Anthropic's `thinking` and `output_config.effort`. Null: nothing is said. */
export interface Thinking {
  readonly config: Fields | null;
  readonly effort: string | null;
}

/** OpenAI's efforts as budgets in tokens, for the models that want one; LiteLLM's numbers up to `high`. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 2048,
  high: 4096,
  xhigh: 8000,
  max: 16_000,
};

/**
 * The request's `reasoning_effort`, or Anthropic's own `thinking` where the request has that. `forced`: a
 * tool call is forced, which leaves no room for thinking.
 *
 * @throws {SluiceError} `unsupported_value` for what the model cannot do.
 */
export function readThinking(request: PreparedRequest, model: ClaudeModel, forced: boolean): Thinking {
  const asked = request.fields.reasoning_effort;
  const effort = asked === 'default' ? null : (asked ?? null);
  const own = request.extras.thinking;
  const wanted = isFields(own) ? { config: own, effort: effortOf(request, model, effort) } : null;
  const { config, effort: level } = wanted ?? fromEffort(request, model, effort);
  if (!isOn(config)) return { config, effort: level };
  const field = wanted ? 'thinking' : 'reasoning_effort';
  const obstacle = obstacleTo(config, request, model, forced);
  if (obstacle === null) return { config, effort: level };
  // Models that think unasked do without being told; the effort alone says how much.
  if (!model.thinksUnasked) request.refuse(field, obstacle);
  return { config: null, effort: level };
}

/** Whether a `thinking` asks for any. */
export function isOn(config: Fields | null): boolean {
  return config !== null && (config.type === 'enabled' || config.type === 'adaptive');
}

function fromEffort(request: PreparedRequest, model: ClaudeModel, effort: string | null): Thinking {
  if (effort === null) return { config: null, effort: null };
  if (effort === 'none') return { config: off(request, model), effort: null };
  if (model.thinking === 'none') {
    request.refuse('reasoning_effort', 'this model does not think');
    return { config: null, effort: null };
  }
  if (model.thinking === 'adaptive') {
    const level = effortOf(request, model, effort);
    if (level === null) return { config: null, effort: null };
    return {
      config: { type: 'adaptive', ...(model.hidesThinking && { display: 'summarized' }) },
      effort: level,
    };
  }
  const budget = Object.hasOwn(BUDGETS, effort) ? BUDGETS[effort] : undefined;
  if (budget === undefined) request.refuse('reasoning_effort', `there is no effort '${effort}'`);
  return { config: budget === undefined ? null : { type: 'enabled', budget_tokens: budget }, effort: null };
}

function off(request: PreparedRequest, model: ClaudeModel): Fields | null {
  if (model.thinkingOff === null) request.refuse('reasoning_effort', 'this model always thinks');
  const silent = model.thinkingOff === null || model.thinkingOff === 'silence';
  return silent ? null : { type: model.thinkingOff };
}

function effortOf(request: PreparedRequest, model: ClaudeModel, effort: string | null): string | null {
  if (effort === null || effort === 'none' || model.thinking !== 'adaptive') return null;
  const level = effort === 'minimal' ? 'low' : effort;
  if (model.efforts.includes(level)) return level;
  request.refuse('reasoning_effort', `this model has the efforts ${model.efforts.join(', ')}`);
  return null;
}

/** Why the model would refuse to think about this request; null if it would not. */
function obstacleTo(
  config: Fields | null,
  request: PreparedRequest,
  model: ClaudeModel,
  forced: boolean,
): string | null {
  if (forced) return 'it does not think where it has to call a tool, or to answer in a schema by one';
  if (config?.type === 'enabled' && model.thinking === 'budget' && isUnsignedToolTurn(request.messages)) {
    return 'it thinks on after tool calls only if these come with the thinking_blocks that it gave with them';
  }
  return null;
}

/** Whether the conversation stands in the middle of tool calls whose thinking has been left out. */
function isUnsignedToolTurn(messages: readonly RequestMessage[]): boolean {
  if (messages.at(-1)?.role !== 'tool') return false;
  const turn = messages.findLast(({ role }) => role !== 'tool');
  return turn?.role === 'assistant' && thinkingBlocks(turn).length === 0;
}

/** `max_tokens` with room for the budget of thinking, which counts against it. */
export function withRoomToThink(maxTokens: number, config: Fields | null): number {
  const budget = config?.type === 'enabled' ? config.budget_tokens : null;
  return typeof budget === 'number' && budget >= maxTokens ? maxTokens + budget : maxTokens;
}

/**
 * `temperature`, `top_p` and `top_k` as far as the model lets them be set; what they are by default (1, 1,
 * none) is left out, since some models refuse even that.
 *
 * @throws {SluiceError} `unsupported_value` naming the one that cannot be set.
 */
export function samplingFields(request: PreparedRequest, model: ClaudeModel, thinks: boolean): Fields {
  const { temperature: asked = null, top_p } = request.fields;
  if (asked !== null && asked > 1) request.refuse('temperature', 'the highest temperature is 1');
  const fields: Record<string, unknown> = {};
  if (asked !== null && asked < 1) fields.temperature = asked;
  if (typeof top_p === 'number' && top_p !== 1) fields.top_p = top_p;
  const { top_k } = request.extras;
  if (top_k !== undefined) fields.top_k = top_k;

  const leaveOut = (name: string, why: string): void => {
    if (fields[name] === undefined) return;
    request.refuse(name, why);
    delete fields[name];
  };
  if (model.sampling === 'none') {
    for (const name of Object.keys(fields)) leaveOut(name, 'this model does not let it be set');
  } else if (thinks) {
    leaveOut('temperature', 'it cannot be set while the model thinks');
    leaveOut('top_k', 'it cannot be set while the model thinks');
    if (Number(fields.top_p) < 0.95) leaveOut('top_p', 'it must be 0.95 at least while the model thinks');
  }
  if (model.sampling === 'either' && fields.temperature !== undefined) {
    leaveOut('top_p', 'this model does not let it be set together with temperature');
  }
  return fields;
}
