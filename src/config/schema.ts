import { z } from 'zod';

/** Timers of Node.js overflow beyond 2^31 - 1 ms, and then fire at once. */
const MAX_TIMER_SECONDS = 2_147_483;
const TEN_YEARS_IN_SECONDS = 315_360_000;
/** The largest string that Redis stores. */
const MAX_BYTES = 512 * 1024 * 1024;

/** What to say of a value that fails {@link isCredential}. */
export const CREDENTIAL_RULE = 'must be visible ASCII characters only, without spaces or line breaks';

/** `general_settings`: the key, and the limits of {@link Limits} in snake_case. */
export const generalSettings = z.object({
  master_key: credential(),
  max_request_bytes: wholeNumber('bytes', 1, MAX_BYTES),
  max_output_bytes: wholeNumber('bytes', 1, MAX_BYTES),
  job_timeout: wholeNumber('seconds', 1, MAX_TIMER_SECONDS),
  result_ttl: wholeNumber('seconds', 1, TEN_YEARS_IN_SECONDS),
  log_ttl: wholeNumber('seconds', 1, TEN_YEARS_IN_SECONDS),
  max_lost_attempts: wholeNumber('attempts', 1, 1000),
  concurrency: wholeNumber('jobs', 1, 100_000),
  drain_grace: secondsFromZero(),
  reader_stall_timeout: secondsAboveZero(),
});
export type GeneralSettings = z.infer<typeof generalSettings>;

/** `router_settings`: what LiteLLM gives to every deployment that does not say otherwise. */
export const routerSettings = z.object({
  num_retries: wholeNumber('retries', 0, 1000),
  retry_after: secondsFromZero(),
  timeout: secondsAboveZero(),
  stream_timeout: secondsAboveZero(),
});
export type RouterSettings = z.infer<typeof routerSettings>;

/** `litellm_settings`: the two of its many keys that mean the same as one of `router_settings`. */
export const liteLLMSettings = z.object({
  num_retries: wholeNumber('retries', 0, 1000),
  request_timeout: secondsAboveZero(),
});
export type LiteLLMSettings = z.infer<typeof liteLLMSettings>;

/** An item of `model_list`. */
export const modelEntry = z.object({
  model_name: text('is required: the model name that clients ask for'),
  litellm_params: z.unknown().optional(),
});

/** `litellm_params`: the keys that are Sluice's own. All others are request fields. */
export const deploymentSettings = z.object({
  model: text('is required: the provider and its model, as `openai/gpt-4o`'),
  api_base: z
    .string({ error: 'must be a URL' })
    .refine(isApiBase, { error: 'must be a URL as https://host/v1, without credentials, query or fragment' })
    .optional(),
  api_key: credential(),
  timeout: secondsAboveZero(),
  stream_timeout: secondsAboveZero(),
});

function text(required: string): z.ZodString {
  return z
    .string({
      error: ({ input }) => (input === undefined ? required : 'must be text: put it in quotes'),
    })
    .min(1, { error: required });
}

/** True for what can be sent in an HTTP header as it is; a trailing line break is the usual reason why not. */
export function isCredential(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}

function credential() {
  return z
    .string({ error: 'must be text: put it in quotes' })
    .refine(isCredential, { error: CREDENTIAL_RULE })
    .optional();
}

/** True for an http(s) URL to which `/chat/completions` can be appended. */
export function isApiBase(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && !/[?#\s]/.test(value);
}

function wholeNumber(unit: string, minimum: number, maximum: number) {
  const error = `must be a whole number of ${unit} from ${minimum} to ${maximum}`;
  const schema = z.int({ error }).min(minimum, { error }).max(maximum, { error });
  return z.preprocess(toNumber, schema).optional();
}

function secondsFromZero() {
  const error = `must be a number of seconds from 0 to ${MAX_TIMER_SECONDS}`;
  return z
    .preprocess(toNumber, z.number({ error }).min(0, { error }).max(MAX_TIMER_SECONDS, { error }))
    .optional();
}

function secondsAboveZero() {
  const error = `must be a number of seconds above 0, up to ${MAX_TIMER_SECONDS}`;
  return z
    .preprocess(toNumber, z.number({ error }).gt(0, { error }).max(MAX_TIMER_SECONDS, { error }))
    .optional();
}

/** Environment variables are text, and `16_777_216` is a number to the YAML 1.1 that LiteLLM reads. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d[\d_]*(\.\d+)?$/.test(value)
    ? Number(value.replaceAll('_', ''))
    : value;
}
