import { type ErrorCode, SluiceError } from '../../core/errors.ts';
import { type ErrorFacts, readErrorBody, readErrorText, written } from './error-body.ts';

/** An upstream answer with an error status. `headers` have lower-case names; `body` may be cut short. */
export interface ErrorAnswer {
  readonly provider: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const MS_IN_2001 = 1e12;

/** Longest stretch of upstream text quoted in a message, in characters. */
const QUOTE = 500;
const LONGEST_MESSAGE = 2000;
/** How much of an error's text is searched for what it means, which takes time by the square of its length. */
const SEARCHED = 8192;
/** Longest code or name of a field that is told. */
const LONGEST_NAME = 200;

// Wordings of OpenAI, Anthropic (two), Gemini, Bedrock (two), DeepSeek and vLLM, llama.cpp, watsonx, TGI and
// Cohere, in this order.
const CONTEXT_MESSAGE = new RegExp(
  [
    'context window',
    'prompt is too long',
    'exceed context limit',
    'input token count .* exceeds',
    'input tokens exceeded',
    'input is too long',
    'max(imum)? context length',
    'context size',
    'cannot exceed the total tokens limit',
    'tokens \\+ `max_new_tokens` must be',
    '^too many tokens: (?!max tokens)',
  ].join('|'),
  'i',
);
const CONTEXT_WORD = /context_length_exceeded|exceed_context_size|too_many_(prompt_)?tokens/;
const QUOTA_WORD =
  /insufficient_quota|billing|exceeded_current_quota|insufficient_balance|credit_balance|token_quota_reached/;
// Anthropic says it in an ordinary 400.
const QUOTA_MESSAGE = /credit balance is too low/i;
const POLICY_WORD =
  /content_?filter|responsibleaipolicyviolation|content_policy_violation|bio_policy|misalignment_policy/;
const MODEL_WORD = /model_not_found|deploymentnotfound/;
const KEY_WORD =
  /invalid_api_key|api_key_invalid|invalid_authentication|authentication_error|unauthenticated|unrecognizedclient|expiredtoken|invalidsignature|incompletesignature/;
// Providers that answer a bad key or credential with 400 or 403 say so only here.
const KEY_MESSAGE = new RegExp(
  [
    'incorrect api key',
    'invalid api key',
    'api key not valid',
    'security token .* (expired|invalid)',
    'authentication failed',
    'bearer token has expired',
    'missing authentication token',
  ].join('|'),
  'i',
);

/** What an upstream answer means whose status is 400 or above, or a redirect, which is never followed. */
export function errorFromAnswer(answer: ErrorAnswer): SluiceError {
  const { provider, status, headers, body } = answer;
  const facts = withAwsType(readErrorText(body) ?? textFacts(body), headers);
  const advice = headerText(headers['x-should-retry']);
  const retryAfter = retryAfterSeconds(headers) ?? facts.retryAfter;
  return build(`${provider} answered ${status}`, status, facts, {
    ...(advice === 'true' && { retryable: true }),
    ...(advice === 'false' && { retryable: false }),
    ...(retryAfter !== null && { retryAfter }),
  });
}

/**
 * The error that a provider sent inside a stream which had begun with 200: the parsed JSON of an error
 * event, or its text where it is none.
 */
export function errorFromPayload(provider: string, payload: unknown): SluiceError {
  const facts = readErrorBody(payload) ?? textFacts(typeof payload === 'string' ? payload : written(payload));
  const status = facts.status ?? statusOfWords(facts.words);
  const { retryAfter } = facts;
  return build(`${provider} broke off its stream`, status, facts, {
    ...(retryAfter !== null && { retryAfter }),
  });
}

/** AWS names its errors in a header: `ThrottlingException:http://internal.amazon.com/…`. */
function withAwsType(facts: ErrorFacts, headers: ErrorAnswer['headers']): ErrorFacts {
  const [type = ''] = headerText(headers['x-amzn-errortype'])?.split(':') ?? [];
  if (type === '') return facts;
  return { ...facts, words: `${facts.words} ${type.toLowerCase()}`.trim(), code: facts.code ?? type };
}

/** Upstream text for a message, cut to 500 characters. */
export function quote(text: string): string {
  return text.length > QUOTE ? `${text.slice(0, QUOTE)}…` : text;
}

function build(
  what: string,
  status: number,
  facts: ErrorFacts,
  advice: { retryable?: boolean; retryAfter?: number },
): SluiceError {
  const code = codeOf(status, facts);
  const details = {
    ...(facts.param !== null && { param: facts.param.slice(0, LONGEST_NAME) }),
    ...(code === 'upstream_bad_request' && { status }),
    ...(NEVER_RETRIED.has(status) && { retryable: false }),
    ...advice,
  };
  const said = `${what}${facts.code === null ? '' : ` (${facts.code.slice(0, LONGEST_NAME)})`}`;
  if (code === 'upstream_authentication') {
    // The text often quotes part of the key, which belongs to the operator and not to the client.
    const cause = new Error(facts.message);
    return new SluiceError(code, `${said}: it refused the credentials of this deployment.`, {
      ...details,
      cause,
    });
  }
  return new SluiceError(code, `${said}: ${facts.message}`.slice(0, LONGEST_MESSAGE), details);
}

// A redirect is a mistake in the configured address; 501 and 505 say what the server will never do.
const NEVER_RETRIED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 501, 505]);

function codeOf(status: number, facts: ErrorFacts): ErrorCode {
  const { words } = facts;
  const message = facts.message.slice(0, SEARCHED);
  if (CONTEXT_WORD.test(words)) return 'context_length_exceeded';
  if (status === 402 || QUOTA_WORD.test(words)) return 'insufficient_quota';
  if (status === 400 && QUOTA_MESSAGE.test(message)) return 'insufficient_quota';
  if (POLICY_WORD.test(words)) return 'content_policy_violation';
  if (MODEL_WORD.test(words)) return 'upstream_not_found';
  if (KEY_WORD.test(words)) return 'upstream_authentication';
  if (status === 400 || status === 413 || status === 422 || status >= 500) {
    if (CONTEXT_MESSAGE.test(message)) return 'context_length_exceeded';
  }
  if ((status === 400 || status === 403) && KEY_MESSAGE.test(message)) return 'upstream_authentication';
  return STATUS_CODES[status] ?? codeOfRange(status);
}

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'upstream_authentication',
  403: 'upstream_permission_denied',
  404: 'upstream_not_found',
  408: 'upstream_timeout',
  // A lock held by another request, a replay too early, a cancellation inside the provider: all pass.
  409: 'upstream_error',
  // Bedrock's model behind the interface failed.
  424: 'upstream_error',
  425: 'upstream_error',
  499: 'upstream_error',
  429: 'rate_limit_exceeded',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  529: 'upstream_overloaded',
};

function codeOfRange(status: number): ErrorCode {
  if (status < 400) return 'upstream_invalid_response';
  return status < 500 ? 'upstream_bad_request' : 'upstream_error';
}

// What OpenAI's responses say of an image that the request names.
const IMAGE_WORD = /(invalid|unsupported|empty|base64)_image|image_(too|file|parse)|failed_to_download_image/;

function statusOfWords(words: string): number {
  if (/rate_limit|too_many_requests|resource_exhausted|throttling|servicequotaexceeded/.test(words))
    return 429;
  if (/overloaded|unavailable|slow_down|capacity|modelnotready/.test(words)) return 503;
  if (/timeout/.test(words)) return 504;
  if (/not_?found/.test(words)) return 404;
  if (/permission|accessdenied/.test(words)) return 403;
  if (/invalid_request|invalid_argument|bad_?request|invalid_prompt|validation/.test(words)) return 400;
  if (IMAGE_WORD.test(words)) return 400;
  return 500;
}

function textFacts(text: string): ErrorFacts {
  const trimmed = text.trim();
  const message = /^<(!doctype|html)/i.test(trimmed) ? 'an HTML page' : quote(trimmed) || 'no body';
  return { message, words: '', code: null, param: null, status: null, retryAfter: null };
}

/**
 * Seconds to wait as a provider's headers ask: `retry-after-ms` (Azure, OpenAI) before `retry-after`, which
 * is in seconds or an HTTP date (RFC 9110, section 10.2.3). Null when absent or senseless.
 */
export function retryAfterSeconds(headers: ErrorAnswer['headers']): number | null {
  const milliseconds = positive(headerText(headers['retry-after-ms']));
  if (milliseconds !== null) return milliseconds / 1000;
  const text = headerText(headers['retry-after']);
  const seconds = positive(text);
  if (text === null) return resetSeconds(headers['x-ratelimit-reset']);
  if (seconds !== null || /^[-+]?[\d.]+$/.test(text)) return seconds;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : secondsUntil(date);
}

/** OpenRouter's `x-ratelimit-reset` is a time in ms since 1970; that of others is a number of seconds, or of who knows what. */
function resetSeconds(header: string | string[] | undefined): number | null {
  const reset = positive(headerText(header));
  return reset !== null && reset > MS_IN_2001 ? secondsUntil(reset) : null;
}

function secondsUntil(time: number): number {
  return Math.max(0, (time - Date.now()) / 1000);
}

function positive(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

function headerText(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
