import { isFields } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { namedBetas } from './betas.ts';
import type { Block } from './block.ts';
import { encodeMessages } from './messages.ts';
import { type ClaudeModel, claudeModel } from './model.ts';
import { isOn, readThinking, samplingFields, type Thinking, withRoomToThink } from './thinking.ts';
import { encodeTools, type Tooling } from './tools.ts';

/** Of a request's own fields, those that are not written as they came. */
const TRANSLATED = ['thinking', 'output_config', 'top_k', 'betas', 'anthropic_beta'];

/** The body of a request; `version` as in `AnthropicOptions`. */
export function encodeRequest(request: PreparedRequest, version?: string): Block {
  const model = claudeModel(request.model);
  const onBedrock = version?.startsWith('bedrock') ?? false;
  const { system, messages } = encodeMessages(request);
  const tooling = encodeTools(request, model);
  const asked = readThinking(request, model, tooling.forced);
  const thinking = onBedrock ? withoutConflict(asked, tooling, model) : asked;
  const stops = stopSequences(request);
  const metadata = onBedrock ? null : userOf(request);
  return {
    ...extrasOf(request, onBedrock),
    ...(version === undefined ? { model: request.model } : { anthropic_version: version }),
    ...(!onBedrock && { stream: true }),
    max_tokens: withRoomToThink(request.maxTokens ?? model.maxTokens, thinking.config),
    ...(system !== null && { system }),
    messages,
    ...(tooling.tools.length > 0 && { tools: tooling.tools }),
    ...(tooling.choice && { tool_choice: tooling.choice }),
    ...samplingFields(request, model, isOn(thinking.config)),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(thinking.config && { thinking: thinking.config }),
    ...outputConfig(request, thinking, tooling),
    ...serviceTier(request),
    ...(metadata !== null && { metadata: { user_id: metadata } }),
  };
}

function extrasOf({ extras }: PreparedRequest, onBedrock: boolean): Block {
  const kept = Object.entries(extras).filter(([name]) => !TRANSLATED.includes(name));
  const betas = onBedrock ? namedBetas(extras) : [];
  return { ...Object.fromEntries(kept), ...(betas.length > 0 && { anthropic_beta: betas }) };
}

/** Bedrock refuses a forced call of a model that thinks unasked, unless it is told not to. */
function withoutConflict(thinking: Thinking, { forced }: Tooling, model: ClaudeModel): Thinking {
  const silent = forced && model.thinksUnasked && model.thinkingOff === 'disabled';
  return silent ? { ...thinking, config: { type: 'disabled' } } : thinking;
}

function stopSequences(request: PreparedRequest): string[] {
  return request.stop.filter((sequence) => {
    if (sequence.trim() !== '') return true;
    request.refuse('stop', 'a stop sequence must be more than white space');
    return false;
  });
}

function outputConfig({ extras }: PreparedRequest, { effort }: Thinking, { format }: Tooling): Block {
  const own = isFields(extras.output_config) ? extras.output_config : {};
  const config = { ...(effort !== null && { effort }), ...(format && { format }), ...own };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

/** OpenAI's `default` is to have no priority; its `auto` is Anthropic's, where it is what happens anyway. */
function serviceTier({ body, refuse }: PreparedRequest): Block {
  const tier = body.service_tier;
  if (tier === undefined || tier === 'auto') return {};
  if (tier === 'default' || tier === 'standard_only') return { service_tier: 'standard_only' };
  refuse('service_tier', "it must be 'auto', 'default' or 'standard_only'");
  return {};
}

/**
 * Anthropic refuses what looks like an address or a telephone number; that whom a request is for is only a
 * hint.
 */
function userOf({ body }: PreparedRequest): string | null {
  const own = isFields(body.metadata) ? body.metadata.user_id : undefined;
  const user = own ?? body.safety_identifier ?? body.user;
  if (typeof user !== 'string' || user === '' || user.length > 256) return null;
  return /@|^\+?[\d\s().-]{7,}$/.test(user) ? null : user;
}
