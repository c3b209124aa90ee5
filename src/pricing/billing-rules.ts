import type { Usage } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import type { ErrorCode, SluiceError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';

/** Failures without a delta in which the provider may have been at work nevertheless. All others are refusals. */
const AT_WORK: ReadonlySet<ErrorCode> = new Set([
  'upstream_timeout',
  'upstream_truncated',
  'upstream_invalid_response',
]);

/** Whether a call that failed costs nothing, because its provider refused it. `began`: it had sent something. */
export function isRefusal(error: SluiceError, began: boolean): boolean {
  return !began && !AT_WORK.has(error.code);
}

/**
 * A whole answer has usage: where the provider sent none, it is ours (`billed`), of a completion as its last delta, for
 * every reader alike. Null where it has its usage, or nobody knows it.
 */
export function missingUsage({ usage }: Fold, billed: Usage | null): Delta | null {
  return usage !== null || billed === null ? null : { type: 'usage', usage: billed };
}
