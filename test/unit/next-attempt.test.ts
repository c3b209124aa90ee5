import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';
import { nextAttemptIn } from '../../src/routing/retry-delay.ts';

const POLICY = { numRetries: 2, retryAfter: 0 };
const BUSY = new SluiceError('rate_limit_exceeded', 'Slow down.', { retryAfter: 30 });
const WRONG = new SluiceError('upstream_bad_request', 'No.');

describe('the next attempt', () => {
  it('comes at once where another deployment has not been tried', () => {
    expect(nextAttemptIn(POLICY, 1, BUSY, true)).toBe(0);
  });

  it('comes when its provider wants it, where there is no other', () => {
    expect(nextAttemptIn(POLICY, 1, BUSY, false)).toBe(30_000);
  });

  it.each([true, false])('does not come once all have failed (another deployment: %s)', (another) => {
    expect(nextAttemptIn(POLICY, 2, BUSY, another)).not.toBeNull();
    expect(nextAttemptIn(POLICY, 3, BUSY, another)).toBeNull();
  });

  it('does not come where it would fail, too', () => {
    expect(nextAttemptIn(POLICY, 1, WRONG, true)).toBeNull();
  });
});
