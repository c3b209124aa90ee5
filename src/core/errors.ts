const BAD_REQUEST = { status: 400, type: 'invalid_request_error', retryable: false } as const;
const NOT_FOUND = { status: 404, type: 'invalid_request_error', retryable: false } as const;
const CONFLICT = { status: 409, type: 'invalid_request_error', retryable: false } as const;

/**
 * Every way in which Sluice or a provider says no, in one table: the HTTP status and OpenAI `type` that
 * a client sees, and whether another attempt of the same job may succeed.
 */
export const ERRORS = {
  // What a client did.
  invalid_json: BAD_REQUEST,
  /** OpenAI's own, where it has no better word. */
  invalid_request_error: BAD_REQUEST,
  invalid_value: BAD_REQUEST,
  invalid_type: BAD_REQUEST,
  missing_required_parameter: BAD_REQUEST,
  unknown_parameter: BAD_REQUEST,
  empty_array: BAD_REQUEST,
  empty_string: BAD_REQUEST,
  array_above_max_length: BAD_REQUEST,
  string_above_max_length: BAD_REQUEST,
  object_above_max_properties: BAD_REQUEST,
  integer_below_min_value: BAD_REQUEST,
  integer_above_max_value: BAD_REQUEST,
  decimal_below_min_value: BAD_REQUEST,
  decimal_above_max_value: BAD_REQUEST,
  unsupported_parameter: BAD_REQUEST,
  /** Anthropic's own: its clients go on by sending the whole conversation. */
  thread_unsupported_request: BAD_REQUEST,
  unsupported_value: BAD_REQUEST,
  invalid_image_url: BAD_REQUEST,
  invalid_offset: BAD_REQUEST,
  invalid_api_key: { status: 401, type: 'invalid_request_error', retryable: false },
  invalid_host: { status: 403, type: 'permission_error', retryable: false },
  model_not_found: NOT_FOUND,
  chat_completion_not_found: NOT_FOUND,
  file_not_found: NOT_FOUND,
  upload_not_found: NOT_FOUND,
  /** It has been completed or cancelled, or has expired. */
  upload_not_pending: BAD_REQUEST,
  webhook_endpoint_not_found: NOT_FOUND,
  /** It stands in the configuration, where alone it can be changed. */
  webhook_endpoint_configured: CONFLICT,
  webhook_delivery_not_found: NOT_FOUND,
  /** No answer came from the client's own endpoint. */
  webhook_unreachable: BAD_REQUEST,
  job_not_found: NOT_FOUND,
  response_not_found: NOT_FOUND,
  previous_response_not_found: BAD_REQUEST,
  batch_not_found: NOT_FOUND,
  batch_not_ended: CONFLICT,
  nothing_to_retry: BAD_REQUEST,
  batch_results_expired: { status: 410, type: 'invalid_request_error', retryable: false },
  unknown_url: NOT_FOUND,
  invalid_range: { status: 416, type: 'invalid_request_error', retryable: false },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retryable: false },
  job_not_settled: CONFLICT,
  /** It is a line of a batch. */
  job_in_batch: CONFLICT,
  log_expired: { status: 410, type: 'invalid_request_error', retryable: false },
  request_too_large: { status: 413, type: 'invalid_request_error', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false },
  idempotency_key_reused: { status: 422, type: 'invalid_request_error', retryable: false },

  // What a provider answered.
  upstream_bad_request: BAD_REQUEST,
  content_policy_violation: BAD_REQUEST,
  context_length_exceeded: BAD_REQUEST,
  upstream_authentication: { status: 401, type: 'authentication_error', retryable: false },
  upstream_permission_denied: { status: 403, type: 'permission_error', retryable: false },
  upstream_not_found: NOT_FOUND,
  insufficient_quota: { status: 429, type: 'insufficient_quota', retryable: false },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retryable: true },
  upstream_error: { status: 502, type: 'server_error', retryable: true },
  upstream_overloaded: { status: 503, type: 'server_error', retryable: true },
  upstream_unreachable: { status: 502, type: 'server_error', retryable: true },
  upstream_timeout: { status: 504, type: 'timeout_error', retryable: true },
  upstream_truncated: { status: 502, type: 'server_error', retryable: true },
  upstream_invalid_response: { status: 502, type: 'server_error', retryable: true },
  output_too_large: { status: 502, type: 'server_error', retryable: false },

  // What became of a job.
  job_cancelled: CONFLICT,
  job_expired: { status: 504, type: 'timeout_error', retryable: false },
  attempts_lost: { status: 500, type: 'server_error', retryable: false },
  worker_draining: { status: 503, type: 'server_error', retryable: true },
  attempt_interrupted: { status: 502, type: 'server_error', retryable: false },

  // What Sluice cannot do right now.
  storage_unavailable: { status: 503, type: 'server_error', retryable: true },
  internal_error: { status: 500, type: 'server_error', retryable: false },
} as const satisfies Record<string, { status: number; type: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** The `error` object of OpenAI's error body; also how a job's record and log keep an error. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export interface ErrorDetails {
  /** The request field at fault, as a path: `messages[0].role`. */
  readonly param?: string;
  /** Seconds to wait before another try, where somebody said so. */
  readonly retryAfter?: number;
  /** Overrides the table where the provider's own status or advice is more precise. */
  readonly status?: number;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The only error that crosses Sluice's folders. Its message is written for the client who will read it. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly retryable: boolean;
  readonly retryAfter: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const row = ERRORS[code];
    this.code = code;
    this.status = details.status ?? row.status;
    this.type = row.type;
    this.param = details.param ?? null;
    this.retryable = details.retryable ?? row.retryable;
    this.retryAfter = details.retryAfter ?? null;
  }

  get body(): ErrorBody {
    return { message: this.message, type: this.type, param: this.param, code: this.code };
  }
}

/** Anything thrown, as a SluiceError. What is not one already is a fault of ours. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError('internal_error', 'Sluice failed on this request. Its log has the reason.', {
    cause: thrown,
  });
}

/** The HTTP status that a stored error answers with: its code's, or 500 for a code of another version. */
export function statusOf(error: ErrorBody): number {
  return Object.hasOwn(ERRORS, error.code) ? ERRORS[error.code as ErrorCode].status : 500;
}
