import type { Request } from 'express';
import { type Batch, hasEnded } from '../../core/batch.ts';
import { publicBatchId } from '../../core/batch-id.ts';
import type { Fields } from '../../core/json.ts';
import { MESSAGE_BATCH } from '../batch-access.ts';

/** A batch in Anthropic's words. `request`: the one that is answered, whose host is where the results can be read. */
export function writeMessageBatch(batch: Batch, request: Request): Fields {
  const id = publicBatchId(MESSAGE_BATCH, batch.id);
  const ended = hasEnded(batch.status);
  const { failed, expired, cancelled } = batch.since;
  const endedAt = batch.since.completed ?? expired ?? cancelled ?? failed ?? null;
  const origin = `${request.protocol}://${request.get('Host') ?? ''}`;
  return {
    id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : batch.status === 'cancelling' ? 'canceling' : 'in_progress',
    request_counts: countsOf(batch, ended),
    created_at: timestamp(batch.createdAt),
    ended_at: endedAt === null ? null : timestamp(endedAt),
    expires_at: timestamp(batch.expiresAt),
    cancel_initiated_at: batch.since.cancelling === undefined ? null : timestamp(batch.since.cancelling),
    archived_at: null,
    results_url: batch.outputFileId === null ? null : `${origin}/v1/messages/batches/${id}/results`,
  };
}

/** Anthropic's batches tell what became of their requests when they have ended, and not before. */
function countsOf({ counts, lines, status }: Batch, ended: boolean): Fields {
  const total = lines ?? counts.total;
  const none = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  if (!ended) return { ...none, processing: total };
  if (status === 'failed') return { ...none, errored: total };
  const { completed, failed, cancelled, expired } = counts;
  // What was cancelled before its lines were looked at has no results.
  const rest = total - completed - failed - cancelled - expired;
  return { processing: 0, succeeded: completed, errored: failed, canceled: cancelled + rest, expired };
}

function timestamp(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
