import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Batch, BatchSpec } from '../core/batch.ts';
import { newBatchId } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import type { StoredFile } from '../core/stored-file.ts';
import type { Store } from '../store/store.ts';
import { requireBatch } from './batch-access.ts';
import type { batchRequest } from './endpoints/schemas/batch.ts';
import type { ApiParts } from './parts.ts';

/** What a client asks for, checked. */
export type BatchRequest = z.infer<typeof batchRequest>;

/** A batch that will reach its end, and whether an earlier request with the same key had made it. */
export interface AcceptedBatch {
  readonly batch: Batch;
  readonly replayed: boolean;
}

/**
 * Makes a batch of an uploaded file. Its lines are looked at by a feeder, later.
 *
 * @throws {SluiceError} for an input that is not there, or a key that came with another request.
 */
export async function acceptBatch(
  parts: ApiParts,
  asked: BatchRequest,
  key: string | null,
): Promise<AcceptedBatch> {
  await requireInput(parts, asked.input_file_id);
  if (asked.webhook) await parts.webhookTargets.check(asked.webhook, 'webhook');
  return createBatch(parts, specify(parts, asked, null), key === null ? null : { key, asked });
}

/** An Idempotency-Key, and what tells the request that it came with from another one. */
export interface Once {
  readonly key: string;
  readonly asked: object;
}

/** Makes a batch, once for each key. */
export async function createBatch(
  { store, config, logger }: ApiParts,
  spec: BatchSpec,
  once: Once | null,
): Promise<AcceptedBatch> {
  const ttl = config.limits.batchTimeout + config.limits.resultTtl;
  const id = once === null ? spec.id : await tied(store, once, spec.id, ttl);
  const earlier = id === spec.id ? null : await store.batches.get(id);
  if (earlier !== null) return { batch: earlier, replayed: true };
  // Under the id of a request that died before it wrote one, or under a new one.
  const created = await store.batches.create({ ...spec, id });
  if (created) logger.info({ batchId: id, endpoint: spec.endpoint, kind: spec.kind }, 'batch validating');
  return { batch: await requireBatch(store, id), replayed: !created };
}

/** Makes a batch of a file that was written for it alone: nobody else knows it, so it goes where no batch names it. */
export async function createBatchOf(
  parts: ApiParts,
  file: StoredFile,
  spec: BatchSpec,
  once: Once | null,
): Promise<AcceptedBatch> {
  try {
    const accepted = await createBatch(parts, spec, once);
    if (accepted.replayed) await parts.files.delete(file.id);
    return accepted;
  } catch (error) {
    // Other errors may have come after the batch.
    if (error instanceof SluiceError) await parts.files.delete(file.id);
    throw error;
  }
}

/** What the record of a new batch begins with. */
export function specify({ config }: ApiParts, asked: BatchRequest, retryOf: string | null): BatchSpec {
  const now = Date.now();
  return {
    id: newBatchId(),
    kind: 'openai',
    endpoint: asked.endpoint,
    inputFileId: asked.input_file_id,
    metadata: asked.metadata ?? null,
    outputExpiresAfter: asked.output_expires_after?.seconds ?? null,
    dedupe: asked.dedupe ?? false,
    retryOf,
    webhook: asked.webhook ?? null,
    createdAt: now,
    expiresAt: now + 1000 * config.limits.batchTimeout,
  };
}

async function requireInput({ files }: ApiParts, id: string): Promise<void> {
  const file = await files.store.get(id);
  if (file === null) {
    const message = `Invalid 'input_file_id': there is no file '${id.slice(0, 80)}', or it has expired.`;
    throw new SluiceError('invalid_value', message, { param: 'input_file_id' });
  }
  if (file.purpose !== 'batch') {
    const message = `Invalid 'input_file_id': the purpose of the file is '${file.purpose}', and must be 'batch'.`;
    throw new SluiceError('invalid_value', message, { param: 'input_file_id' });
  }
}

async function tied(store: Store, { key, asked }: Once, id: string, ttl: number): Promise<string> {
  const fingerprint = sha256(JSON.stringify(asked));
  const known = await store.jobs.reserve(sha256(`batch ${key}`), id, fingerprint, ttl);
  if (known.fingerprint === fingerprint) return known.jobId;
  throw new SluiceError(
    'idempotency_key_reused',
    `This Idempotency-Key came with another request before, which became ${known.jobId}. Use a new key for a new request.`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
