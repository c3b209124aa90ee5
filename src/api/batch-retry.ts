import { inputKey, readLines } from '../batches/input.ts';
import { type Batch, hasEnded } from '../core/batch.ts';
import { SluiceError } from '../core/errors.ts';
import { expiryOf } from '../core/stored-file.ts';
import { placeIn } from '../store/batches/place.ts';
import { type AcceptedBatch, createBatchOf, specify } from './batch-submission.ts';
import type { ApiParts } from './parts.ts';

/** Runs the lines of an ended batch again that were not completed, as a batch of their own. */
export async function retryBatch(parts: ApiParts, batch: Batch, key: string | null): Promise<AcceptedBatch> {
  const { counts } = batch;
  if (!hasEnded(batch.status)) {
    const message = `The batch is ${batch.status}. Wait for its end, or cancel it: POST /v1/batches/${batch.id}/cancel.`;
    throw new SluiceError('batch_not_ended', message);
  }
  if (counts.total === 0 || counts.completed === counts.total) {
    const reason = counts.total === 0 ? 'its input was not valid' : 'all its lines are completed';
    throw new SluiceError('nothing_to_retry', `There is nothing to run again: ${reason}.`);
  }
  const file = await parts.files.create(unfinishedLines(parts, batch), {
    filename: `${batch.id}_retry.jsonl`,
    purpose: 'batch',
    expiresAt: expiryOf('batch', null, Date.now()),
  });
  const seconds = batch.outputExpiresAfter;
  const asked = {
    input_file_id: file.id,
    endpoint: batch.endpoint,
    completion_window: '24h' as const,
    metadata: batch.metadata === null ? null : { ...batch.metadata },
    output_expires_after: seconds === null ? null : { anchor: 'created_at' as const, seconds },
    dedupe: batch.dedupe,
    webhook: batch.webhook,
  };
  const lines = counts.total - counts.completed;
  const spec = { ...specify(parts, asked, batch.id), kind: batch.kind, lines };
  return createBatchOf(parts, file, spec, key === null ? null : { key, asked: { retryOf: batch.id } });
}

/** The lines of the input that have no result, or one that is not `completed`, as they were. */
async function* unfinishedLines({ store, files, config }: ApiParts, batch: Batch): AsyncGenerator<Buffer> {
  const places = await store.batches.places(batch.id);
  const input = places.length === 0 ? null : await files.blobs.read(inputKey(batch.id));
  if (input === null) {
    const message =
      'What the lines of the batch came to is not kept any more, so nobody can tell which to run again.';
    throw new SluiceError('batch_results_expired', message);
  }
  for await (const line of readLines(input, { line: 0, offset: 0 }, config.limits.maxRequestBytes)) {
    if (line.bytes === null || placeIn(places, line.line)?.status === 'completed') continue;
    yield line.bytes;
    yield LINE_BREAK;
  }
}

const LINE_BREAK = Buffer.from('\n');
