import type { Batch } from '../core/batch.ts';
import { batchIdOf, isBatchId } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';

/** What Anthropic's API calls a batch. */
export const MESSAGE_BATCH = 'msgbatch_';

/** The batch, by its own name or Anthropic's, or the 404 that its client gets. */
export async function requireBatch(store: Store, id: string): Promise<Batch> {
  const batchId = isBatchId(id) ? id : batchIdOf(MESSAGE_BATCH, id);
  const batch = batchId && (await store.batches.get(batchId));
  if (!batch) {
    throw new SluiceError('batch_not_found', `No batch found with id '${id.slice(0, 80)}'.`, { param: 'id' });
  }
  return batch;
}
