import { type Batch, type BatchStatus, type BatchUsage, hasEnded } from '../../core/batch.ts';
import type { Fields } from '../../core/json.ts';
import { unixSeconds } from '../../core/unix-time.ts';

/** A batch in OpenAI's words, and after them in ours: what it cost, where it can be followed. */
export function writeBatch(batch: Batch): Fields {
  const since = (status: BatchStatus): number | null => unixSeconds(batch.since[status] ?? null);
  const path = `/v1/batches/${batch.id}`;
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    model: batch.model,
    errors: batch.errors.length === 0 ? null : { object: 'list', data: batch.errors },
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.status,
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    created_at: unixSeconds(batch.createdAt),
    in_progress_at: since('in_progress'),
    expires_at: unixSeconds(batch.expiresAt),
    finalizing_at: since('finalizing'),
    completed_at: since('completed'),
    failed_at: since('failed'),
    expired_at: since('expired'),
    cancelling_at: since('cancelling'),
    cancelled_at: since('cancelled'),
    request_counts: writeCounts(batch),
    usage: writeUsage(batch.usage),
    metadata: batch.metadata,
    cost: writeCost(batch),
    dedupe: batch.dedupe,
    retry_of: batch.retryOf,
    links: {
      self: path,
      events: `${path}/events`,
      output: `${path}/output`,
      errors: `${path}/errors`,
      jobs: `${path}/jobs`,
      cancel: `${path}/cancel`,
      ...(hasEnded(batch.status) && { retry: `${path}/retry` }),
    },
  };
}

/** `failed` has everything that is in the error file; what of it was cancelled or has expired is told besides. */
export function writeCounts({ counts }: Pick<Batch, 'counts'>): Fields {
  const { total, completed, failed, cancelled, expired } = counts;
  return { total, completed, failed: failed + cancelled + expired, cancelled, expired };
}

/** `unpriced`: lines whose cost nobody knows, and which are not in `usd`. */
export function writeCost({ cost, unpriced }: Pick<Batch, 'cost' | 'unpriced'>): Fields {
  return { usd: cost, unpriced };
}

function writeUsage({ inputTokens, cachedTokens, outputTokens, reasoningTokens }: BatchUsage): Fields {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
