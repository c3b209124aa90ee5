import { type Fields, isFields } from '../../core/json.ts';

/** What an upstream error body says, whatever its shape. */
export interface ErrorFacts {
  readonly message: string;
  /** Every code, type and status word of the body, in lower case, parted by spaces. */
  readonly words: string;
  /** The body's own word for the error, for people: `model_not_found`. */
  readonly code: string | null;
  readonly param: string | null;
  /** The HTTP status that the body names, which a stream that began with 200 can tell in no other way. */
  readonly status: number | null;
  /** Seconds that the body asks to wait: Google's `RetryInfo`. */
  readonly retryAfter: number | null;
}

/**
 * Reads the error bodies of all providers: `{error: {…}}` (OpenAI, Anthropic, Google, Groq, llama.cpp),
 * `{error: "…"}` (Ollama, xAI, Hugging Face), `{message}` (Mistral, Cohere, AWS), `{detail}` (FastAPI: vLLM,
 * Mistral's 401, Replicate), `{errors: [{…}]}` (watsonx, Cloudflare), `{base_resp}` (MiniMax), any of these as the
 * first item of an array, and the body of another provider as a string in `error.metadata.raw` (OpenRouter).
 * Null for anything that is not an error.
 */
export function readErrorBody(payload: unknown): ErrorFacts | null {
  const body: unknown = Array.isArray(payload) ? payload[0] : payload;
  if (!isFields(body)) return null;
  if (typeof body.error === 'string' && body.error !== '') return facts(body, body.error);
  if (isFields(body.error)) {
    return unwrap(body.error) ?? fromDetails(body.error) ?? facts(body.error, textOf(body.error));
  }
  if (body.detail !== undefined && body.detail !== null) return fromDetail(body, body.detail);
  const [first] = Array.isArray(body.errors) ? body.errors : [];
  if (isFields(first)) return facts({ status_code: body.status_code, ...first }, textOf(first));
  // Mistral puts FastAPI's body into its own.
  if (isFields(body.message) && body.message.detail) return fromDetail(body, body.message.detail);
  if (isText(body.message) || body.object === 'error') return facts(body, textOf(body));
  if (isFields(body.base_resp) && body.base_resp.status_code) return fromMiniMax(body.base_resp);
  // AWS, now and then.
  if (isText(body.Message)) return facts(body, body.Message);
  return null;
}

/** {@link readErrorBody} for text that may be JSON. */
export function readErrorText(text: string): ErrorFacts | null {
  try {
    return readErrorBody(JSON.parse(text));
  } catch {
    return null;
  }
}

function unwrap(error: Fields): ErrorFacts | null {
  const raw = isFields(error.metadata) ? error.metadata.raw : undefined;
  if (!isText(raw)) return null;
  const outer = facts(error, textOf(error));
  const inner = readErrorText(raw);
  return {
    message: `${outer.message}: ${inner?.message ?? raw}`,
    words: `${outer.words} ${inner?.words ?? ''}`,
    code: inner?.code ?? outer.code,
    param: outer.param ?? inner?.param ?? null,
    status: outer.status ?? inner?.status ?? null,
    retryAfter: outer.retryAfter ?? inner?.retryAfter ?? null,
  };
}

/** MiniMax answers 200 and a number of its own; these are those that have an HTTP status which says the same. */
const MINIMAX_STATUSES: Readonly<Record<number, number>> = {
  1001: 504,
  1002: 429,
  1004: 401,
  1008: 402,
  1026: 400,
  1039: 429,
  2013: 400,
};

function fromMiniMax({ status_code, status_msg }: Fields): ErrorFacts {
  const status = MINIMAX_STATUSES[Number(status_code)] ?? 500;
  const message = isText(status_msg) ? status_msg : 'no reason given';
  return { ...facts({}, message), code: String(status_code), status };
}

/** Azure wraps what FastAPI says of a request. */
function fromDetails(error: Fields): ErrorFacts | null {
  const { details } = error;
  const isFastApi =
    Array.isArray(details) && details.some((problem) => isFields(problem) && isText(problem.msg));
  return isFastApi ? fromDetail(error, details) : null;
}

function fromDetail(body: Fields, detail: unknown): ErrorFacts {
  if (isText(detail)) return facts(body, detail);
  if (isFields(detail)) return readErrorBody({ error: detail }) ?? facts(body, written(detail));
  const problems = (Array.isArray(detail) ? detail : []).filter(isFields);
  if (problems.length === 0) return facts(body, written(detail));
  const places = problems.map((problem) => placeOf(problem.loc));
  const messages = problems.map((problem, index) => {
    const text = isText(problem.msg) ? problem.msg : written(problem);
    return places[index] ? `${places[index]}: ${text}` : text;
  });
  return { ...facts(body, messages.join('; ')), param: places[0] || null };
}

function placeOf(location: unknown): string {
  if (!Array.isArray(location)) return '';
  return location.filter((step) => step !== 'body').join('.');
}

function facts(source: Fields, message: string): ErrorFacts {
  const details = (Array.isArray(source.details) ? source.details : []).filter(isFields);
  // Azure says in an inner error that a filter refused the prompt.
  const inner = isFields(source.innererror) ? source.innererror.code : null;
  const told = [source.code, source.type, source.status, source.error_type, inner];
  const words = [...told, ...details.map(({ reason }) => reason)].filter(isText);
  // What the model wrote for a call that Groq found invalid.
  const { failed_generation: failed } = source;
  return {
    message: isText(failed) ? `${message} The model generated: ${failed}` : message,
    words: words.join(' ').toLowerCase(),
    code: words[0] ?? null,
    param: isText(source.param) ? source.param : null,
    status:
      [source.status_code, source.code, source.status, source.raw_status_code]
        .map(Number)
        .find((status) => Number.isInteger(status) && status >= 400 && status <= 599) ?? null,
    retryAfter:
      details.map(({ retryDelay }) => secondsOf(retryDelay)).find((delay) => delay !== null) ?? null,
  };
}

/** `34.4s`, as protocol buffers write durations in JSON. */
function secondsOf(duration: unknown): number | null {
  const match = isText(duration) ? /^(\d+(?:\.\d+)?)s$/.exec(duration) : null;
  return match ? Number(match[1]) : null;
}

function textOf(source: Fields): string {
  if (isText(source.message)) return source.message;
  return written(isFields(source.message) ? source.message : source);
}

/** A value as JSON text. What can be parsed may be nested too deeply to be written again. */
export function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an error that is nested too deeply';
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
