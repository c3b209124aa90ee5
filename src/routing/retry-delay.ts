import type { RetryPolicy } from '../config/config.ts';

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
