import { type ErrorBody, statusOf } from '../../core/errors.ts';

/** Anthropic's types of errors by their status, https://platform.claude.com/docs/en/api/errors. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The status that Anthropic's clients know for an error: an overloaded provider has one of its own. */
export function messagesStatus(status: number, { code }: Pick<ErrorBody, 'code'>): number {
  return code === 'upstream_overloaded' ? 529 : status;
}

/** An error in Anthropic's shape. It has no place for the field at fault, so the message names that. */
export function messagesError(error: ErrorBody, status = statusOf(error)): { type: 'error'; error: object } {
  const { code, message, param } = error;
  const type = TYPES[messagesStatus(status, error)] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const told = param === null || message.includes(param) ? message : `${param}: ${message}`;
  const unthreaded = code === 'thread_unsupported_request' && {
    details: { error_code: code, unsupported: [param] },
  };
  return { type: 'error', error: { type, message: told, ...unthreaded } };
}
