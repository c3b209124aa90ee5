import { type Fields, pickFrom } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import { NO_PARAMETERS } from '../../request/tools.ts';
import { encodeMessages } from './messages.ts';

/** A request in Ollama's form. */
export function encodeRequest(request: PreparedRequest): object {
  const { options, top } = splitExtras(request.extras);
  return {
    model: request.model,
    messages: encodeMessages(request),
    stream: true,
    ...tools(request),
    ...format(request),
    ...thinking(request),
    ...logprobs(request),
    options: { ...sampling(request), ...options },
    ...top,
  };
}

function logprobs({ fields: { logprobs: wanted, top_logprobs } }: PreparedRequest): Fields {
  if (wanted !== true && !top_logprobs) return {};
  return { logprobs: true, ...(top_logprobs != null && { top_logprobs }) };
}

const SAMPLING = ['temperature', 'top_p', 'seed', 'frequency_penalty', 'presence_penalty'] as const;

function sampling({ fields, maxTokens, stop }: PreparedRequest): Fields {
  return {
    ...pickFrom(fields, SAMPLING),
    ...(maxTokens !== null && { num_predict: maxTokens }),
    ...(stop.length > 0 && { stop }),
  };
}

/** What belongs into `options`, of Ollama's versions old and new; everything else stands beside it. */
const OPTIONS: ReadonlySet<string> = new Set([
  'num_keep',
  'num_predict',
  'top_k',
  'min_p',
  'typical_p',
  'tfs_z',
  'repeat_last_n',
  'repeat_penalty',
  'penalize_newline',
  'mirostat',
  'mirostat_tau',
  'mirostat_eta',
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'use_mmap',
  'use_mlock',
  'numa',
  'low_vram',
  'f16_kv',
  'logits_all',
  'vocab_only',
  'draft_num_predict',
]);

export function splitExtras({ options: given, ...extras }: Fields): { options: Fields; top: Fields } {
  const isOption = ([name]: [string, unknown]): boolean => OPTIONS.has(name);
  const entries = Object.entries(extras);
  return {
    options: { ...Object.fromEntries(entries.filter(isOption)), ...(given as Fields | undefined) },
    top: Object.fromEntries(entries.filter((entry) => !isOption(entry))),
  };
}

function tools(request: PreparedRequest): Fields {
  const { tools: given, toolChoice } = request;
  if (given.length === 0 || toolChoice === 'none') return {};
  if (toolChoice !== null && toolChoice !== 'auto') {
    request.refuse('tool_choice', 'no call can be forced, only auto or none');
  }
  return {
    // Ollama's templates read descriptions and parameters, and fail on a function that lacks them.
    tools: given.map(({ name, description = '', parameters = NO_PARAMETERS }) => {
      return { type: 'function', function: { name, description, parameters } };
    }),
  };
}

function format(request: PreparedRequest): Fields {
  const shape = readResponseFormat(request);
  if (shape === null) return {};
  return { format: shape.type === 'schema' ? shape.schema : 'json' };
}

/** Ollama's own endpoint for OpenAI's format puts the efforts beyond its scale to the ends of it as well. */
const EFFORTS: Readonly<Record<string, string | boolean>> = { none: false, minimal: 'low', xhigh: 'max' };

function thinking({ fields, extras }: PreparedRequest): Fields {
  const { reasoning_effort: effort } = fields;
  if (effort == null || effort === 'default' || extras.think !== undefined) return {};
  return { think: EFFORTS[effort] ?? effort };
}
