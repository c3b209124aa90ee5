import type { Delta } from './delta.ts';
import type { ErrorBody } from './errors.ts';
import type { Outcome } from './job.ts';
import type { Offset } from './offset.ts';

/**
 * One entry of a job's log, as every reader sees it. An entry of several deltas bears the offset of its
 * last one.
 */
export type LogEntry =
  | { readonly kind: 'attempt'; readonly offset: Offset; readonly attempt: AttemptOpening }
  | { readonly kind: 'deltas'; readonly offset: Offset; readonly deltas: readonly Delta[] }
  | { readonly kind: 'retry'; readonly offset: Offset; readonly retry: RetryNotice }
  | { readonly kind: 'end'; readonly offset: Offset; readonly outcome: Outcome };

/** An attempt began: text starts anew from here. */
export interface AttemptOpening {
  readonly epoch: number;
  readonly provider: string;
  readonly model: string;
}

/** An attempt ended without settling the job. `at`: unix seconds, when the next one may begin. */
export interface RetryNotice {
  readonly epoch: number;
  readonly error: ErrorBody;
  readonly at: number;
}
