import type { Usage } from './completion.ts';
import { DigestBuilder } from './digest.ts';
import type { EmbeddingList } from './embedding.ts';
import { type ErrorBody, SluiceError } from './errors.ts';
import type { CompletionIdentity, Fold } from './fold.ts';
import type { Settlement, TerminalStatus } from './job.ts';

/** The error of a job that was cancelled, whoever settles it. */
export const JOB_CANCELLED = new SluiceError('job_cancelled', 'The job was cancelled.').body;

/** The error of a job whose deadline passed, whoever settles it. */
export const JOB_EXPIRED = new SluiceError('job_expired', 'The job did not settle before its deadline.').body;

/** Why an attempt fails that makes more than a deployment may. */
export const OUTPUT_TOO_LARGE = new SluiceError(
  'output_too_large',
  'The output is larger than max_output_bytes allows.',
);

/** What an attempt has made of a completion: its deltas. */
export interface Streaming {
  readonly fold: Fold;
  readonly digest: DigestBuilder;
}

/** What an attempt has made of embeddings: all of them or nothing. */
export interface Embedding {
  readonly embeddings: EmbeddingList | null;
}

/** The usage that came with what an attempt has made; null if none did. */
export function usageSent(made: Streaming | Embedding): Usage | null {
  return 'fold' in made ? made.fold.usage : (made.embeddings?.usage ?? null);
}

/**
 * How a job ends with what its last attempt produced: whole, partial, or nothing at all. `usage` is what that attempt
 * used, which may be known better than its deltas say.
 */
export function settlementOf(
  identity: CompletionIdentity,
  status: TerminalStatus,
  error: ErrorBody | null,
  made: Streaming | Embedding,
  usage: Usage | null = usageSent(made),
): Settlement {
  if (!('fold' in made)) {
    const outcome = { status, usage, finish_reason: null, error, digest: new DigestBuilder().digest() };
    return { outcome, result: made.embeddings };
  }
  const { fold, digest } = made;
  return {
    outcome: { status, usage, finish_reason: fold.finishReason, error, digest: digest.digest() },
    result: digest.deltas > 0 ? fold.completion(identity) : null,
  };
}
