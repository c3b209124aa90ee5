import type { Usage } from './completion.ts';
import type { DigestBuilder } from './digest.ts';
import { type ErrorBody, SluiceError } from './errors.ts';
import type { CompletionIdentity, Fold } from './fold.ts';
import type { Settlement, TerminalStatus } from './job.ts';

/** The error of a job that was cancelled, whoever settles it. */
export const JOB_CANCELLED = new SluiceError('job_cancelled', 'The job was cancelled.').body;

/** The error of a job whose deadline passed, whoever settles it. */
export const JOB_EXPIRED = new SluiceError('job_expired', 'The job did not settle before its deadline.').body;

/**
 * How a job ends with what its last attempt produced: whole, partial, or nothing at all. `usage` is what that attempt
 * used, which may be known better than its deltas say.
 */
export function settlementOf(
  identity: CompletionIdentity,
  status: TerminalStatus,
  error: ErrorBody | null,
  { fold, digest }: { readonly fold: Fold; readonly digest: DigestBuilder },
  usage: Usage | null = fold.usage,
): Settlement {
  return {
    outcome: {
      status,
      usage,
      finish_reason: fold.finishReason,
      error,
      digest: digest.digest(),
    },
    result: digest.deltas > 0 ? fold.completion(identity) : null,
  };
}
