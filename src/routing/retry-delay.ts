import type { RetryPolicy } from '../config/config.ts';
import type { SluiceError } from '../core/errors.ts';

/** Seconds: the first step of the backoff, and where it stops growing. */
const BASE = 0.5;
const CEILING = 60;
/** The longest wait that a provider may ask for: a day. Some send a date in a far year, or no sense. */
const LONGEST_ASKED = 86_400;

/**
 * Milliseconds until a failed attempt is repeated: exponential in `failures` (from 1) with up to half of it
 * taken off at random, and never sooner than the provider's Retry-After (seconds, a day at most) or the configured least.
 */
export function retryDelay(policy: RetryPolicy, failures: number, retryAfter: number | null): number {
  const backoff = Math.min(BASE * 2 ** (failures - 1), CEILING);
  const jittered = backoff * (1 - Math.random() / 2);
  return Math.ceil(1000 * Math.max(jittered, policy.retryAfter, Math.min(retryAfter ?? 0, LONGEST_ASKED)));
}

/**
 * Milliseconds until the next attempt, after one that failed with `error`; null: there is none. `failures`: with this one.
 * `another`: a deployment of the group has not been tried in this run, so it is tried at once.
 */
export function nextAttemptIn(
  policy: RetryPolicy,
  failures: number,
  error: SluiceError,
  another: boolean,
): number | null {
  if (!error.retryable || failures > policy.numRetries) return null;
  // A Retry-After speaks for the deployment that sent it, not for one that has not been tried.
  return another ? 0 : retryDelay(policy, failures, error.retryAfter);
}
