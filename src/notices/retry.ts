/** Ms between two attempts, at most. */
const LONGEST = 4 * 3_600_000;
/** Ms from its beginning after which a delivery is given up. */
const PATIENCE = 72 * 3_600_000;
/** Ms that an endpoint can ask to be left alone for, at most. */
const LONGEST_REQUEST = 3_600_000;

/** What a delivery's next attempt depends on. Times in unix ms, spans in ms. */
export interface RetryTerms {
  /** Until the first retry; doubles with every failure. */
  readonly base: number;
  /** Attempts that have failed, this one included. */
  readonly failures: number;
  /** When the delivery began. */
  readonly since: number;
  readonly now: number;
  /** What the endpoint said in `Retry-After`. */
  readonly retryAfter: string | null;
}

/** When to try again, with jitter, so that what failed together does not come back together; null: not any more. */
export function nextAttempt(terms: RetryTerms, random: () => number = Math.random): number | null {
  const { base, failures, since, now, retryAfter } = terms;
  const backoff = Math.min(base * 2 ** (failures - 1), LONGEST);
  const jittered = backoff / 2 + (backoff / 2) * random();
  const asked = Math.min(millisecondsOf(retryAfter, now), LONGEST_REQUEST);
  const at = now + Math.max(jittered, asked);
  return at > since + PATIENCE ? null : Math.round(at);
}

/** `Retry-After` is a number of seconds or a date. */
function millisecondsOf(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return 1000 * Number(retryAfter);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
