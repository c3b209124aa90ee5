import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import { messagesStatus } from '../../surfaces/messages/error.ts';
import { vendorOf } from '../error-shape.ts';
import type { Endpoint } from './endpoint.ts';

const KEY: readonly ErrorCode[] = ['invalid_api_key', 'invalid_host'];
const QUERY: readonly ErrorCode[] = ['invalid_value'];
const STORAGE: readonly ErrorCode[] = ['storage_unavailable', 'internal_error'];
const BODY: readonly ErrorCode[] = [
  'invalid_json',
  'invalid_value',
  'invalid_type',
  'missing_required_parameter',
  'unknown_parameter',
  'empty_array',
  'empty_string',
  'array_above_max_length',
  'string_above_max_length',
  'object_above_max_properties',
  'integer_below_min_value',
  'integer_above_max_value',
  'decimal_below_min_value',
  'decimal_above_max_value',
  'request_too_large',
  'unsupported_media_type',
];

const FORM = BODY.filter((code) => code !== 'invalid_json');

/** Of every request that becomes a job. */
export const SUBMISSION_ERRORS: readonly ErrorCode[] = [
  'unsupported_parameter',
  'unsupported_value',
  'invalid_image_url',
  'model_not_found',
  'idempotency_key_reused',
];

/** How a job may have failed: the answer is the status of its error. */
export const JOB_ERRORS: readonly ErrorCode[] = [
  'unsupported_parameter',
  'unsupported_value',
  'upstream_bad_request',
  'content_policy_violation',
  'context_length_exceeded',
  'upstream_authentication',
  'upstream_permission_denied',
  'upstream_not_found',
  'insufficient_quota',
  'rate_limit_exceeded',
  'upstream_error',
  'upstream_overloaded',
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_truncated',
  'upstream_invalid_response',
  'output_too_large',
  'job_cancelled',
  'job_expired',
  'attempts_lost',
  'worker_draining',
];

/** What an endpoint may refuse with: the codes by their status, in ascending order. */
export function errorsOf({
  open,
  path,
  takes,
  errors = [],
}: Endpoint): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set([
    ...(open ? [] : [...KEY, ...STORAGE]),
    ...(takes?.body ? BODY : []),
    ...(takes?.form ? FORM : []),
    ...(takes?.query || takes?.headers ? QUERY : []),
    ...errors,
  ]);
  const isAnthropic = vendorOf(path) === 'anthropic';
  const statusOf = (code: ErrorCode): number => {
    const { status } = ERRORS[code];
    return isAnthropic ? messagesStatus(status, { code }) : status;
  };
  const sorted = [...codes].sort((a, b) => statusOf(a) - statusOf(b));
  return Map.groupBy(sorted, statusOf);
}
