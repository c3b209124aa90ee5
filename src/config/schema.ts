import { z } from 'zod';
import { MOST_LINES } from '../core/batch-id.ts';
import { webhookHosts, webhookSecret } from './webhook-schema.ts';

/** Timers of Node.js overflow beyond 2^31 - 1 ms, and then fire at once. */
const MAX_TIMER_SECONDS = 2_147_483;
const TEN_YEARS_IN_SECONDS = 315_360_000;
/** The largest string that Redis stores. */
const MAX_BYTES = 512 * 1024 * 1024;
/** OpenAI's own limit for what is uploaded in parts. */
const MAX_FILE_BYTES = 8 * 1024 ** 3;

/** What to say of a value that fails {@link isCredential}. */
export const CREDENTIAL_RULE = 'must be visible ASCII characters only, without spaces or line breaks';

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

/** What to say of a value that fails {@link isApiBase}. */
export const API_BASE_RULE = 'must be a URL as https://host/v1, without credentials or fragment';

/** `general_settings`: the key, and the limits of {@link Limits} in snake_case. */
export const generalSettings = z.object({
  master_key: credential(),
  max_request_bytes: wholeNumber('bytes', 1, MAX_BYTES),
  max_output_bytes: wholeNumber('bytes', 1, MAX_BYTES),
  job_timeout: wholeNumber('seconds', 1, MAX_TIMER_SECONDS),
  result_ttl: wholeNumber('seconds', 1, TEN_YEARS_IN_SECONDS),
  log_ttl: wholeNumber('seconds', 1, TEN_YEARS_IN_SECONDS),
  stored_ttl: wholeNumber('seconds', 1, TEN_YEARS_IN_SECONDS),
  max_lost_attempts: wholeNumber('attempts', 1, 1000),
  concurrency: wholeNumber('jobs', 1, 100_000),
  drain_grace: secondsFromZero(),
  reader_stall_timeout: secondsAboveZero(),
  keepalive_seconds: secondsAboveZero(),
  max_file_bytes: wholeNumber('bytes', 1, MAX_FILE_BYTES),
  // Anthropic's batches may have twice as many.
  max_batch_lines: wholeNumber('lines', 1, Math.floor(MOST_LINES / 2)),
  max_batch_bytes: wholeNumber('bytes', 1, MAX_FILE_BYTES),
  batch_timeout: wholeNumber('seconds', 1, MAX_TIMER_SECONDS),
  batch_window: wholeNumber('lines', 1, 100_000),
  webhook_secret: webhookSecret(),
  webhook_allow_hosts: webhookHosts(),
  webhook_timeout: secondsAboveZero(),
  webhook_retry: secondsAboveZero(),
});
export type GeneralSettings = z.infer<typeof generalSettings>;

/** `storage`: the bucket that files are kept in. `storage.ts` says what goes with what. */
export const storageSettings = z.object({
  bucket: z
    .string({ error: 'must be text: put it in quotes' })
    .regex(/^[\w.-]{1,255}$/, { error: 'must be the name of a bucket: letters, digits, dots, dashes' })
    .optional(),
  region: z
    .string({ error: 'must be text: put it in quotes' })
    .regex(/^[\w-]{1,64}$/, { error: 'must be the name of a region, as us-east-1' })
    .optional(),
  endpoint: z
    .string({ error: 'must be a URL' })
    .refine(isApiBase, { error: 'must be a URL as https://host, without credentials or fragment' })
    .optional(),
  prefix: z
    .string({ error: 'must be text: put it in quotes' })
    .regex(/^([\w.-]+(\/[\w.-]+)*)?$/, {
      error: 'must be a path as team/sluice, without a slash at either end',
    })
    .optional(),
  access_key_id: credential(),
  secret_access_key: credential(),
  force_path_style: flag(),
});
export type StorageSettings = z.infer<typeof storageSettings>;

/** `router_settings`: what LiteLLM gives to every deployment that does not say otherwise. */
export const routerSettings = z.object({
  num_retries: wholeNumber('retries', 0, 1000),
  retry_after: secondsFromZero(),
  timeout: secondsAboveZero(),
  stream_timeout: secondsAboveZero(),
});
export type RouterSettings = z.infer<typeof routerSettings>;

/** `litellm_settings`: those of its many keys that mean the same here. */
export const liteLLMSettings = z.object({
  num_retries: wholeNumber('retries', 0, 1000),
  request_timeout: secondsAboveZero(),
  drop_params: flag(),
});
export type LiteLLMSettings = z.infer<typeof liteLLMSettings>;

/** An item of `model_list`. */
export const modelEntry = z.object({
  model_name: text('is required: the model name that clients ask for'),
  litellm_params: z.unknown().optional(),
  model_info: z.unknown().optional(),
});

const pricing = {
  base_model: text('must be the name of a model').optional(),
  input_cost_per_token: price(),
  output_cost_per_token: price(),
  cache_read_input_token_cost: price(),
  cache_creation_input_token_cost: price(),
};

/** `model_info`: the keys that Sluice uses. LiteLLM takes them from `litellm_params`, too. */
export const modelInfo = z.object(pricing);
export type ModelInfo = z.infer<typeof modelInfo>;

/** `litellm_params`: the keys that are Sluice's own. All others are the provider's, or request fields. */
export const deploymentSettings = z.object({
  model: text('is required: the provider and its model, as `openai/gpt-4o`'),
  custom_llm_provider: text('must be the name of a provider').optional(),
  api_base: z.string({ error: 'must be a URL' }).refine(isApiBase, { error: API_BASE_RULE }).optional(),
  api_key: credential(),
  timeout: secondsAboveZero(),
  stream_timeout: secondsAboveZero(),
  headers: headers(),
  extra_headers: headers(),
  drop_params: flag(),
  additional_drop_params: z
    .array(z.string(), { error: 'must be a list of names of request fields' })
    .optional(),
  ...pricing,
});
export type DeploymentSettings = z.infer<typeof deploymentSettings>;

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

/** True for an http(s) URL to whose path `/chat/completions` can be appended. */
export function isApiBase(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && !/[#\s]/.test(value);
}

/** Headers that say how a message travels, which is not for a configuration to say. */
const TRANSPORT_HEADERS =
  /^(accept-encoding|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/;

/** Headers by their lower-case names. */
function headers() {
  const value = z
    .union([z.string(), z.number()], { error: 'must be text: put it in quotes' })
    .transform(String)
    .refine((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text), {
      error: 'must be one line of text, in characters that HTTP headers can carry',
    });
  return z
    .record(z.string(), value, { error: 'must be a map of HTTP headers' })
    .superRefine((map, context) => {
      for (const name of Object.keys(map)) {
        const mistake = judgeHeader(name.toLowerCase());
        if (mistake !== null) context.addIssue({ code: 'custom', path: [name], message: mistake });
      }
    })
    .transform((map) =>
      Object.fromEntries(Object.entries(map).map(([name, text]) => [name.toLowerCase(), text.trim()])),
    )
    .optional();
}

function judgeHeader(name: string): string | null {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'is not the name of an HTTP header';
  return TRANSPORT_HEADERS.test(name) ? 'cannot be set: Sluice and the connection set it' : null;
}

function flag() {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? (FLAGS[value.toLowerCase()] ?? value) : value),
      z.boolean({ error: 'must be true or false' }),
    )
    .optional();
}

/** US dollars per token. */
function price() {
  const error = 'must be a number of US dollars from 0';
  const schema = z.number({ error }).min(0, { error });
  return z.preprocess((value) => (isDecimal(value) ? Number(value) : value), schema).optional();
}

/** `1e-6` is text to the YAML 1.1 that LiteLLM reads, as is all that comes from the environment. */
function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
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
