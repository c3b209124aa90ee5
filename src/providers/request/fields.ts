/**
 * The fields of OpenAI's chat completion request that shape the answer. A format lists those that it can carry;
 * `model`, `messages`, `stream` and `stream_options` go without saying.
 */
export const REQUEST_FIELDS = [
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'n',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
  'service_tier',
] as const;

export type RequestField = (typeof REQUEST_FIELDS)[number];

/**
 * Fields that never change an answer: whom it is for, and how it is cached and kept. A format that has a place
 * for them may read them; no request is refused for them.
 */
export const HINT_FIELDS = [
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'metadata',
  'store',
] as const;

/** Fields that are for Sluice, or that Sluice sets itself: no provider ever sees them as they came. */
export const OWN_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'mock_response',
  'drop_params',
  'reasoning_summary',
  'max_completion_tokens',
  'functions',
  'function_call',
  ...HINT_FIELDS,
]);

/** Values that say what would happen anyway; a field that has one counts as not set. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  logprobs: [false],
  frequency_penalty: [0],
  presence_penalty: [0],
  parallel_tool_calls: [true],
  service_tier: ['auto', 'default'],
  reasoning_effort: ['default'],
};

/** Whether a field asks for anything. */
export function isDefault(field: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (DEFAULTS[field]?.includes(value)) return true;
  if (Array.isArray(value)) {
    return value.length === 0 || (field === 'modalities' && value.length === 1 && value[0] === 'text');
  }
  if (typeof value !== 'object') return false;
  if (field === 'response_format') return 'type' in value && value.type === 'text';
  return field === 'logit_bias' && Object.keys(value).length === 0;
}
