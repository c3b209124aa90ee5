import { type DestinationStream, type LevelWithSilent, pino } from 'pino';

/** A pino logger: `logger.info({ jobId }, 'what happened')`. */
export type Logger = pino.Logger;

/** Where lines go. */
export type LogDestination = DestinationStream;

/** Secrets, and whatever a client or a model wrote, by the names that they go by. */
const PRIVATE_KEYS = new Set(
  `
    apiKey api_key secretAccessKey secret_access_key OPENAI_API_KEY masterKey master_key SLUICE_MASTER_KEY token secret password redisUrl REDIS_URL
    authorization Authorization cookie headers rawHeaders environment
    request body requestBody messages prompt input content text reasoning arguments args tools
    delta deltas result completion choices output params metadata
  `
    .trim()
    .split(/\s+/),
);

const CENSORED = '[redacted]';

/** Values that are nested deeper are left out of the log: nothing of ours is, and what is may be circular. */
const MAX_DEPTH = 6;

/**
 * A logger that writes one JSON object a line: `level` as a word, `time` as ISO 8601, `pid`, `hostname`.
 *
 * What a client sent, a model answered or an operator keeps secret is not written when it stands under one
 * of its usual names, at any depth (in the bindings of a child logger: at their top). Errors are reduced to
 * what Sluice and Node.js say of them, because those of libraries carry requests and commands along. Text
 * that somebody puts into the message itself is written as it is.
 *
 * @param level the least urgent level that is written
 * @param destination where lines go; standard output by default
 */
export function createLogger(
  level: LevelWithSilent,
  destination: DestinationStream = standardOutput(),
): Logger {
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Only for the bindings of child loggers, which no formatter sees; nested paths would cost far more.
      redact: { paths: [...PRIVATE_KEYS], censor: CENSORED },
      serializers: { err: (value) => censor(value, 0), error: (value) => censor(value, 0) },
      formatters: {
        level: (label) => ({ level: label }),
        log: (logged) => censorMap(logged, 0),
      },
      hooks: {
        logMethod(inputs, method) {
          const [first, message] = inputs as unknown[];
          const error = errorOf(first);
          // Without a message pino repeats the error's own, past the formatter.
          if (error === null || message !== undefined) method.apply(this, inputs);
          else method.call(this, first as object, messageOf(error));
        },
      },
    },
    destination,
  );
}

/** Characters that gather before they are written, and ms after which they are written anyway. */
const GATHER = 8192;
const FLUSH = 50;

/** Lines gather and go out together; pino flushes what is left when the process exits. */
function standardOutput(): DestinationStream {
  return pino.destination({ fd: 1, sync: false, minLength: GATHER, periodicFlush: FLUSH });
}

function errorOf(logged: unknown): Error | null {
  if (logged instanceof Error) return logged;
  const error = typeof logged === 'object' && logged !== null && 'err' in logged ? logged.err : null;
  return error instanceof Error ? error : null;
}

function censor(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[nested too deeply]';
  if (value instanceof Error) return describeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => censor(item, depth + 1));
  return 'toJSON' in value ? value : censorMap(value, depth);
}

function censorMap(value: object, depth: number): Record<string, unknown> {
  const censored: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    censored[key] = PRIVATE_KEYS.has(key) ? CENSORED : censor(item, depth + 1);
  }
  return censored;
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const message = messageOf(error);
  const { code, status, retryable, cause, errors } = error as Error & Record<string, unknown>;
  const calls = error.stack?.match(/^ {4}at .*$/gm) ?? [];
  return {
    type: error.name,
    message,
    ...(isPlain(code) && { code }),
    ...(isPlain(status) && { status }),
    ...(isPlain(retryable) && { retryable }),
    // Put together anew, because a stack begins with the message as it was.
    stack: [`${error.name}: ${message}`, ...calls].join('\n'),
    ...(cause instanceof Error && { cause: censor(cause, depth + 1) }),
    ...(Array.isArray(errors) && {
      errors: errors.filter((one) => one instanceof Error).map((one) => censor(one, depth + 1)),
    }),
  };
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** An error's message, without the piece of the input that JSON.parse and Redis quote in theirs. */
function messageOf(error: Error): string {
  return error.message
    .replace(/(Unexpected [^,]*), .*is not valid JSON$/s, '$1: not valid JSON')
    .replace(/(with args beginning with:).*$/s, '$1 …');
}
