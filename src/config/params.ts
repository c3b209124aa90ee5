import type { z } from 'zod';
import { completionRequestSchema } from '../core/completion.ts';
import { nearest } from './keys.ts';
import { DEPLOYMENT, isKnownFromLiteLLM } from './litellm.ts';
import { type ConfigPath, quote } from './problems.ts';
import { isMap, type Reading, readMap, reportIssues, resolveReferences } from './reading.ts';
import { deploymentSettings } from './schema.ts';

/** A map of request fields in LiteLLM's notation for those that its client library does not know. */
const EXTRA = 'extra_body';

const requestFields = completionRequestSchema.omit({
  model: true,
  messages: true,
  stream: true,
  stream_options: true,
});

const OWN_KEYS = Object.keys(deploymentSettings.shape);

/**
 * Request fields of OpenAI and of servers compatible with it, so that a slip in one is not sent to a
 * provider with every call, nor `top_k` taken for a slip in `top_p`. Others pass unless they look like one.
 */
const REQUEST_FIELDS = new Set([
  ...Object.keys(requestFields.shape),
  ...`
    audio frequency_penalty function_call functions logit_bias logprobs metadata modalities parallel_tool_calls
    prediction presence_penalty prompt_cache_key prompt_cache_retention reasoning_effort safety_identifier
    service_tier top_logprobs verbosity web_search_options
    top_k top_a min_p typical_p min_tokens repetition_penalty length_penalty stop_token_ids bad_words ignore_eos
    skip_special_tokens spaces_between_special_tokens include_stop_str_in_output best_of echo guided_json
    guided_regex guided_choice guided_grammar structured_outputs chat_template chat_template_kwargs
    add_generation_prompt truncate_prompt_tokens mm_processor_kwargs priority num_ctx num_predict keep_alive
    options think thinking enable_thinking thinking_budget reasoning reasoning_format include_reasoning provider
    transforms models route plugins safe_prompt random_seed prompt_mode search_parameters cache_prompt mirostat
  `
    .trim()
    .split(/\s+/),
]);

/** `litellm_params`, with the request fields among them set apart. */
export interface DeploymentParams {
  readonly settings: z.infer<typeof deploymentSettings>;
  /** True if `api_key` is there without a value: none is to be sent. */
  readonly withoutKey: boolean;
  readonly params: Record<string, unknown>;
}

/** Reads `litellm_params`; null if its own settings cannot be used. */
export function readParams(value: unknown, path: ConfigPath, reading: Reading): DeploymentParams | null {
  const fields: [string, unknown][] = [];
  const withoutKey = isMap(value) && (value.api_key === null || value.api_key === '');
  const given = withoutKey ? { ...value, api_key: null } : value;
  const settings = readMap(deploymentSettings, given, path, reading, (key, item) => {
    const at = [...path, key];
    if (isKnownFromLiteLLM(DEPLOYMENT, key)) {
      reading.problems.warn(at, DEPLOYMENT.advice?.[key] ?? 'known from LiteLLM, ignored by Sluice');
    } else if (key === EXTRA) {
      fields.push(...readExtra(item, at, reading));
    } else if (!isMisspelt(key, at, reading)) {
      fields.push([key, resolveReferences(item, at, reading)]);
    }
  });
  const params = Object.fromEntries(fields.filter(([, item]) => item !== null && item !== undefined));
  const checked = requestFields.safeParse(params);
  if (!checked.success) reportIssues(checked.error, path, reading.problems);
  return settings && { settings, withoutKey, params };
}

function readExtra(value: unknown, path: ConfigPath, reading: Reading): [string, unknown][] {
  if (value === null) return [];
  if (isMap(value)) return Object.entries(resolveReferences(value, path, reading) as Record<string, unknown>);
  reading.problems.add(path, 'must be a map of request fields');
  return [];
}

function isMisspelt(key: string, path: ConfigPath, { problems }: Reading): boolean {
  if (REQUEST_FIELDS.has(key)) return false;
  if (key === 'base_url') {
    problems.add(path, 'unknown key; write it as "api_base"', 'key');
    return true;
  }
  const near = key.length < 5 ? null : nearest(key, [...OWN_KEYS, ...REQUEST_FIELDS], 1);
  if (near === null) return false;
  const otherwise = `if the provider does have this field, put it under ${EXTRA}`;
  problems.add(path, `unknown key; did you mean ${quote(near)}? (${otherwise})`, 'key');
  return true;
}
