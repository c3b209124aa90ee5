import type { LineResult } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { type ErrorBody, statusOf } from '../core/errors.ts';
import type { Job, JobAnswer } from '../core/job.ts';
import { recordToContent, recordToJob } from '../store/record.ts';

/** What a finished line came to: an answer, an error with its HTTP status, or nothing, because it was not run to its end. */
export type LineEnd =
  | { readonly kind: 'answer'; readonly job: Job; readonly answer: JobAnswer }
  | { readonly kind: 'error'; readonly status: number; readonly error: ErrorBody }
  | { readonly kind: 'not_run'; readonly reason: 'cancelled' | 'expired' };

/** Reads what a line came to. */
export function endOf(batchId: string, result: LineResult): LineEnd {
  const { refusal, status } = result;
  if (refusal !== null) return { kind: 'error', ...refusal };
  if (status === 'cancelled' || status === 'expired') return { kind: 'not_run', reason: status };
  const job = jobOf(batchId, result);
  if (job === null) throw new Error(`Line ${result.line} of ${batchId} has neither a record nor a refusal.`);
  if (job.error !== null) return { kind: 'error', status: statusOf(job.error), error: job.error };
  const { record } = result;
  const content = recordToContent([null, record?.result ?? null, record?.echo ?? null]);
  return { kind: 'answer', job, answer: { result: content.result, echo: content.echo } };
}

/** The job that a line became; null if it never did. */
export function jobOf(batchId: string, { line, record }: LineResult): Job | null {
  return record && recordToJob(lineJobId(batchId, line), record);
}
