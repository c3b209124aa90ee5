/** What an {@link APIError} is made of. */
export interface APIErrorDetails {
  /** The HTTP status; for a job that failed, the one that the same request would have got. Null: there was no answer. */
  readonly status?: number | null;
  /** The machine-readable reason, as `rate_limit_exceeded`. */
  readonly code?: string | null;
  /** OpenAI's `type`, as `invalid_request_error`. */
  readonly type?: string | null;
  /** The field of the request at fault, as a path: `messages[0].role`. */
  readonly param?: string | null;
  readonly retryable?: boolean;
  /** Seconds to wait before that, where the server said so. */
  readonly retryAfter?: number | null;
  readonly requestId?: string | null;
  readonly jobId?: string | null;
  readonly cause?: unknown;
}

/** Everything that can go wrong with a call. Its subclasses have the names of OpenAI's and LiteLLM's. */
export class APIError extends Error {
  override readonly name: string = 'APIError';
  readonly status: number | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly param: string | null;
  /** Whether the same call may succeed later. What is worth repeating at once has been repeated already. */
  readonly retryable: boolean;
  /** Seconds to wait before that, where the server said so. */
  readonly retryAfter: number | null;
  /** The `x-request-id` of the answer, which the server's log has, too. */
  readonly requestId: string | null;
  /** The job that this is about, where there is one. */
  readonly jobId: string | null;

  constructor(message: string, details: APIErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status ?? null;
    this.code = details.code ?? null;
    this.type = details.type ?? null;
    this.param = details.param ?? null;
    this.retryable = details.retryable ?? false;
    this.retryAfter = details.retryAfter ?? null;
    this.requestId = details.requestId ?? null;
    this.jobId = details.jobId ?? null;
  }
}

/** 400: the request is wrong; `param` says where. */
export class BadRequestError extends APIError {
  override readonly name = 'BadRequestError';
}
/** 401: no key, or another one than the server's. */
export class AuthenticationError extends APIError {
  override readonly name = 'AuthenticationError';
}
/** 403. */
export class PermissionDeniedError extends APIError {
  override readonly name = 'PermissionDeniedError';
}
/** 404: no such job, model or path. */
export class NotFoundError extends APIError {
  override readonly name = 'NotFoundError';
}
/** 409: it does not go with the state that the thing is in. */
export class ConflictError extends APIError {
  override readonly name = 'ConflictError';
}
/** 422: an idempotency key that another request has used. */
export class UnprocessableEntityError extends APIError {
  override readonly name = 'UnprocessableEntityError';
}
/** 429. */
export class RateLimitError extends APIError {
  override readonly name = 'RateLimitError';
}
/** 500 and above. */
export class InternalServerError extends APIError {
  override readonly name = 'InternalServerError';
}
/** No answer came, however often it was tried. */
export class APIConnectionError extends APIError {
  override readonly name: string = 'APIConnectionError';
}
/** The wait for a job's result ended before the job did; the job goes on. */
export class WaitTimeoutError extends APIError {
  override readonly name = 'WaitTimeoutError';
}
/** The job failed: `code` and `message` are those of its last attempt. */
export class JobFailedError extends APIError {
  override readonly name = 'JobFailedError';
}
/** Somebody cancelled the job. */
export class JobCancelledError extends APIError {
  override readonly name = 'JobCancelledError';
}
/** The job had not settled by its deadline. */
export class JobExpiredError extends APIError {
  override readonly name = 'JobExpiredError';
}
/**
 * An attempt ended after it had produced text, and the next one begins anew. The job goes on: give `onAttempt`
 * to go on reading, or ask for its result.
 */
export class AttemptInterruptedError extends APIError {
  override readonly name = 'AttemptInterruptedError';
}
/** What was read is not what the job's log holds, and reading again did not help. The result is whole all the same. */
export class LostDeltaError extends APIError {
  override readonly name = 'LostDeltaError';
}
