import { ERRORS, type ErrorBody, type ErrorCode, type SluiceError, statusOf } from '../core/errors.ts';
import { fieldsOf } from '../core/json.ts';
import {
  APIError,
  type APIErrorDetails,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  JobCancelledError,
  JobExpiredError,
  JobFailedError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from './errors.ts';
import { jsonValue } from './json-value.ts';

const BY_STATUS: Readonly<Record<number, typeof APIError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

const BY_JOB_STATUS = {
  failed: JobFailedError,
  cancelled: JobCancelledError,
  expired: JobExpiredError,
} as const;

/** The error of a status; `InternalServerError` from 500 on, {@link APIError} where there is no word for it. */
export function errorOfStatus(status: number, message: string, details: APIErrorDetails): APIError {
  const kind = BY_STATUS[status] ?? (status >= 500 ? InternalServerError : APIError);
  return new kind(message, { ...details, status });
}

/** The error that an answer stands for. `text`: its body, in OpenAI's shape or, from a proxy in between, in any. */
export function errorOfResponse(response: Response, text: string, jobId: string | null): APIError {
  const { status, headers } = response;
  const body = fieldsOf(fieldsOf(jsonValue(text)).error);
  const said = (name: string): string | null => (typeof body[name] === 'string' ? body[name] : null);
  const code = said('code');
  const fallback = `The server answered ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`;
  return errorOfStatus(status, said('message') ?? fallback, {
    code,
    type: said('type'),
    param: said('param'),
    retryable: headers.get('x-should-retry') !== 'false' && isRetryable(status, code),
    retryAfter: secondsOf(headers.get('retry-after')),
    requestId: headers.get('x-request-id'),
    jobId: jobId ?? headers.get('x-sluice-job-id'),
  });
}

/** The error that a call without a server fails with. */
export function errorOfFailure(failure: SluiceError): APIError {
  const { status, message, code, type, param, retryable, retryAfter, cause } = failure;
  return errorOfStatus(status, message, { code, type, param, retryable, retryAfter, cause });
}

/** The error of a job that did not complete. `error`: as its record and its terminal event have it. `jobId`: null without a server. */
export function errorOfJob(
  status: 'failed' | 'cancelled' | 'expired',
  error: ErrorBody | null,
  jobId: string | null,
): APIError {
  const code = error?.code ?? null;
  return new BY_JOB_STATUS[status](error?.message ?? `The job is ${status}.`, {
    status: error && statusOf(error),
    code,
    type: error?.type ?? null,
    param: error?.param ?? null,
    retryable: code !== null && isRetryable(0, code),
    jobId,
  });
}

function isRetryable(status: number, code: string | null): boolean {
  if (code !== null && Object.hasOwn(ERRORS, code)) return ERRORS[code as ErrorCode].retryable;
  return status === 408 || status === 429 || status >= 500;
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
