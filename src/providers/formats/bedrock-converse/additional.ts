import { fieldsOf } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { namedBetas } from '../anthropic/betas.ts';
import { claudeModel } from '../anthropic/model.ts';
import { isOn, readThinking, samplingFields, withRoomToThink } from '../anthropic/thinking.ts';
import type { Block } from './media.ts';
import type { BedrockModel } from './model.ts';

/** What of a request depends on the model. */
export interface ModelFields {
  readonly inferenceConfig: Block;
  /** Bedrock's `additionalModelRequestFields`: what goes to the model in the words of its own interface. */
  readonly additional: Block;
}

/** Fields of a request's own that Bedrock itself knows, beside OpenAI's. */
export const BEDROCK_FIELDS = [
  'guardrailConfig',
  'performanceConfig',
  'requestMetadata',
  'promptVariables',
  'additionalModelResponseFieldPaths',
  'serviceTier',
];

/** Of a request's own fields, those that are not passed on as they came. */
const TRANSLATED: ReadonlySet<string> = new Set([
  ...BEDROCK_FIELDS,
  'additionalModelRequestFields',
  'top_k',
  'betas',
  'anthropic_beta',
]);
const TRANSLATED_FOR_CLAUDE: ReadonlySet<string> = new Set(['thinking', 'output_config']);

/**
 * How the model is to write, and what only it knows. `forced`: a tool call is forced.
 *
 * @throws {SluiceError} `unsupported_value` for what the model cannot do.
 */
export function modelFields(request: PreparedRequest, model: BedrockModel, forced: boolean): ModelFields {
  const { extras } = request;
  const isClaude = model.family === 'claude';
  const passed = Object.entries(extras).filter(
    ([name]) => !TRANSLATED.has(name) && !(isClaude && TRANSLATED_FOR_CLAUDE.has(name)),
  );
  const betas = [...new Set(namedBetas(extras))];
  const own = {
    ...(betas.length > 0 && { anthropic_beta: betas }),
    ...Object.fromEntries(passed),
    ...fieldsOf(extras.additionalModelRequestFields),
  };
  const written = isClaude ? claudeFields(request, forced) : otherFields(request, model);
  return { ...written, additional: merged(written.additional, own) };
}

function claudeFields(request: PreparedRequest, forced: boolean): ModelFields {
  const { extras, maxTokens } = request;
  const model = claudeModel(request.model);
  const { config, effort } = readThinking(request, model, forced);
  const { temperature, top_p, top_k } = samplingFields(request, model, isOn(config));
  const stops = request.stop.filter((sequence) => {
    if (sequence.trim() !== '') return true;
    request.refuse('stop', 'a stop sequence must be more than white space');
    return false;
  });
  const output = { ...(effort !== null && { effort }), ...fieldsOf(extras.output_config) };
  return {
    inferenceConfig: inferenceConfig({
      maxTokens: maxTokens === null ? undefined : withRoomToThink(maxTokens, config),
      temperature,
      topP: top_p,
      stopSequences: stops.length > 0 ? stops : undefined,
    }),
    additional: {
      ...(config && { thinking: config }),
      ...(Object.keys(output).length > 0 && { output_config: output }),
      ...(top_k !== undefined && { top_k }),
    },
  };
}

function otherFields(request: PreparedRequest, model: BedrockModel): ModelFields {
  const { fields, extras, maxTokens, stop, refuse } = request;
  const reasoning = reasoningOf(request, model);
  let { temperature, top_p: topP } = fields;
  let topK = extras.top_k;
  if (temperature != null && temperature > 1) {
    refuse('temperature', 'the highest temperature is 1');
    temperature = null;
  }
  if (model.effort === 'nova' && fieldsOf(reasoning.reasoningConfig).maxReasoningEffort === 'high') {
    for (const [name, value] of Object.entries({ temperature, top_p: topP, top_k: topK })) {
      if (value != null) refuse(name, 'it cannot be set at the highest effort of reasoning');
    }
    [temperature, topP, topK] = [null, null, undefined];
  }
  const nested = model.topK.toReversed().reduce<unknown>((value, name) => ({ [name]: value }), topK);
  return {
    inferenceConfig: inferenceConfig({
      maxTokens: maxTokens ?? undefined,
      temperature: temperature ?? undefined,
      topP: topP ?? undefined,
      stopSequences: stop.length > 0 ? stop : undefined,
    }),
    additional: { ...(topK !== undefined && fieldsOf(nested)), ...reasoning },
  };
}

/** How each family is told how much to reason. */
function reasoningOf({ fields, refuse }: PreparedRequest, { effort: kind }: BedrockModel): Block {
  const effort = fields.reasoning_effort ?? 'default';
  if (effort === 'default') return {};
  if (kind === 'nova' && effort === 'none') return { reasoningConfig: { type: 'disabled' } };
  const level = effort === 'minimal' ? 'low' : effort;
  const isKnown = ['low', 'medium', 'high'].includes(level);
  if (kind === 'nova' && isKnown) return { reasoningConfig: { type: 'enabled', maxReasoningEffort: level } };
  if (kind === 'openai' && isKnown) return { reasoning_effort: level };
  if (kind === 'nested') return { reasoning: { effort } };
  refuse(
    'reasoning_effort',
    kind === null ? 'this model cannot be told how much to reason' : `there is no effort '${effort}'`,
  );
  return {};
}

function inferenceConfig(fields: Block): Block {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The client's own words go before ours; within an object that both have, too. */
function merged(ours: Block, own: Block): Block {
  const shared = Object.keys(own).filter((name) => Object.keys(fieldsOf(ours[name])).length > 0);
  const both = shared.map((name) => [name, { ...fieldsOf(ours[name]), ...fieldsOf(own[name]) }]);
  return { ...ours, ...own, ...Object.fromEntries(both) };
}
