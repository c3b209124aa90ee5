import { CommanderError } from 'commander';
import { APIConnectionError, APIError } from '../client/index.ts';
import { EXIT, Exit, type ExitCode } from './exit-codes.ts';
import { printable } from './printable.ts';

/** What to say of a failure, and which exit code it has. */
export interface Failure {
  readonly message: string;
  readonly code: ExitCode;
  /** For `--json`: what the server said. */
  readonly error: APIError | null;
}

/** What a failed command tells its user. */
export function explain(thrown: unknown): Failure {
  if (thrown instanceof Exit) return { message: thrown.message, code: thrown.code, error: null };
  // Commander has printed what it has to say.
  if (thrown instanceof CommanderError) {
    return { message: '', code: thrown.exitCode === 0 ? EXIT.ok : EXIT.usage, error: null };
  }
  if (thrown instanceof APIError)
    return { message: printable(describe(thrown)), code: codeOf(thrown), error: thrown };
  if (isConfigError(thrown)) return { message: thrown.message, code: EXIT.usage, error: null };
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const isSystem = 'code' in error && 'syscall' in error;
  return {
    message: isSystem ? error.message : (error.stack ?? error.message),
    code: EXIT.error,
    error: null,
  };
}

function describe(error: APIError): string {
  const { message, param, requestId, status } = error;
  if (error instanceof APIConnectionError) {
    return `${message}\nIs it running? \`sluice serve\` starts it; --base-url or SLUICE_BASE_URL name another server.`;
  }
  const key = status === 401 ? '\nSet SLUICE_API_KEY to its master key.' : '';
  const field = param?.replace(/^body\./, '') ?? '';
  const place = status !== 400 || field === '' || message.includes(field) ? '' : ` (${field})`;
  const request = requestId === null || Number(status) < 500 ? '' : `\nIts log has more, under ${requestId}.`;
  return `${message}${place}${key}${request}`;
}

function codeOf(error: APIError): ExitCode {
  if (error instanceof APIConnectionError) return EXIT.unreachable;
  switch (error.name) {
    case 'JobFailedError':
    case 'JobExpiredError':
      return EXIT.failed;
    case 'JobCancelledError':
      return EXIT.cancelled;
    default:
      return error.status !== null && error.status < 500 ? EXIT.usage : EXIT.error;
  }
}

/** By its name: only some commands load what makes it. */
function isConfigError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ConfigError';
}
