import { completionRequestSchema } from '../core/completion.ts';
import type { GivenConnection } from './connection.ts';
import { nearest } from './keys.ts';
import { DEPLOYMENT, isKnownFromLiteLLM, PROMPT_TEMPLATE, SHARED_SETTINGS } from './litellm.ts';
import { type ConfigPath, type Problems, quote } from './problems.ts';
import type { ProviderInfo, ProviderSetting } from './provider-info.ts';
import { isMap, type Reading, readMap, reportIssues, resolveReferences } from './reading.ts';
import { type DeploymentSettings, deploymentSettings } from './schema.ts';
import { type GivenTarget, readTarget, type Target } from './target.ts';

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

/** `litellm_params`, taken apart. */
export interface DeploymentParams {
  readonly own: DeploymentSettings;
  /** Null where a mistake says why. */
  readonly target: Target | null;
  readonly connection: GivenConnection;
  /** Request fields. */
  readonly params: Record<string, unknown>;
}

/** Reads `litellm_params`; null if Sluice's own settings cannot be used. */
export function readParams(value: unknown, path: ConfigPath, reading: Reading): DeploymentParams | null {
  const withoutKey = isMap(value) && (value.api_key === null || value.api_key === '');
  const given = withoutKey ? { ...value, api_key: null } : value;
  const others: [string, unknown][] = [];
  const own = readMap(deploymentSettings, given, path, reading, (key, item) => others.push([key, item]));
  const target = own && readTarget(toTarget(own, value), path, reading);

  const fields: [string, unknown][] = [];
  const settings: Record<string, string | null> = {};
  for (const [key, item] of others) {
    const at = [...path, key];
    const setting = settingOf(key, target?.info.settings ?? []);
    if (setting !== undefined) {
      const text = readSetting(setting, item, at, reading);
      if (text !== undefined) settings[setting.name] = text;
    } else if (key === EXTRA) {
      fields.push(...readExtra(item, at, reading));
    } else if (isField(key, at, target?.info ?? null, reading)) {
      fields.push([key, resolveReferences(item, at, reading)]);
    }
  }
  const params = Object.fromEntries(fields.filter(([, item]) => item !== null && item !== undefined));
  const checked = requestFields.safeParse(params);
  if (!checked.success) reportIssues(checked.error, path, reading.problems);
  const apiKey = withoutKey ? null : own?.api_key;
  return own && { own, target, connection: { apiBase: own.api_base, apiKey, settings }, params };
}

function toTarget({ model, custom_llm_provider: provider }: DeploymentSettings, raw: unknown): GivenTarget {
  const shown = isMap(raw) ? raw : {};
  return { model, provider, shown: { model: shown.model, provider: shown.custom_llm_provider } };
}

function settingOf(key: string, settings: readonly ProviderSetting[]): ProviderSetting | undefined {
  const shared = SHARED_SETTINGS[key] ?? [];
  return settings.find(({ name }) => name === key) ?? settings.find(({ name }) => shared.includes(name));
}

/** A setting's text; null if the file says that there is none. */
function readSetting(
  { secret }: ProviderSetting,
  item: unknown,
  path: ConfigPath,
  reading: Reading,
): string | null | undefined {
  if (item === null || item === '') return null;
  const value = resolveReferences(item, path, reading);
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  // Credentials that are a JSON document may stand in the file as a map.
  if (secret && isMap(value)) return JSON.stringify(value);
  reading.problems.add(path, 'must be text: put it in quotes');
  return undefined;
}

function readExtra(value: unknown, path: ConfigPath, reading: Reading): [string, unknown][] {
  if (value === null) return [];
  if (isMap(value)) return Object.entries(resolveReferences(value, path, reading) as Record<string, unknown>);
  reading.problems.add(path, 'must be a map of request fields');
  return [];
}

/** Whether a key that is nobody's own is a request field. What is known to be something else is told. */
function isField(key: string, path: ConfigPath, info: ProviderInfo | null, reading: Reading): boolean {
  const { problems, providers } = reading;
  if (REQUEST_FIELDS.has(key)) return true;
  const isTemplate = PROMPT_TEMPLATE.includes(key);
  if (isTemplate && info?.promptTemplates === true) return true;
  if (isTemplate || providers.some(({ settings }) => settings.some(({ name }) => name === key))) {
    if (info !== null) problems.warn(path, `not used by ${info.name}`);
    return false;
  }
  const advice = DEPLOYMENT.advice?.[key] ?? 'known from LiteLLM, ignored by Sluice';
  const known = isKnownFromLiteLLM(DEPLOYMENT, key);
  if (!DEPLOYMENT.words.includes(key) && isMisspelt(key, path, info?.settings ?? [], problems)) return false;
  if (known) problems.warn(path, advice);
  return !known;
}

function isMisspelt(
  key: string,
  path: ConfigPath,
  settings: readonly ProviderSetting[],
  problems: Problems,
): boolean {
  if (key === 'base_url') {
    problems.add(path, 'unknown key; write it as "api_base"', 'key');
    return true;
  }
  const candidates = [...OWN_KEYS, ...REQUEST_FIELDS, ...settings.map(({ name }) => name)];
  const near = key.length < 5 ? null : nearest(key, candidates, 1);
  if (near === null) return false;
  const otherwise = `if the provider does have this field, put it under ${EXTRA}`;
  problems.add(path, `unknown key; did you mean ${quote(near)}? (${otherwise})`, 'key');
  return true;
}
