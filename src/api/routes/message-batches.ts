import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { type Batch, hasEnded } from '../../core/batch.ts';
import { batchIdOf, publicBatchId } from '../../core/batch-id.ts';
import { SluiceError } from '../../core/errors.ts';
import { expiryOf } from '../../core/stored-file.ts';
import { MESSAGE_BATCH, requireBatch } from '../batch-access.ts';
import { type AcceptedBatch, createBatchOf, specify } from '../batch-submission.ts';
import { messageBatchListQuery } from '../endpoints/message-batches.ts';
import { MESSAGES, MessageBatchBody } from '../message-batch-body.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { idempotencyKey } from '../request-options.ts';
import { writeMessageBatch } from './write-message-batch.ts';

type ById = Request<{ id: string }>;

/** `/v1/messages/batches`: Anthropic's Message Batches. */
export function messageBatchRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store, files, results } = parts;

  routes.post('/v1/messages/batches', async (request: Request, response: Response) => {
    const { batch, replayed } = await accept(parts, request);
    if (replayed) response.setHeader('Idempotent-Replayed', 'true');
    response.json(writeMessageBatch(batch, request));
  });

  routes.get('/v1/messages/batches', async (request: Request, response: Response) => {
    const query = readQuery(request, messageBatchListQuery);
    const before = cursor(query.before_id, 'before_id');
    const after = cursor(query.after_id, 'after_id');
    const page = await store.batches.list({ kind: 'anthropic', after, before, limit: query.limit });
    const data = page.batches.map((batch) => writeMessageBatch(batch, request));
    const idOf = (batch: Batch | undefined): string | null =>
      batch === undefined ? null : publicBatchId(MESSAGE_BATCH, batch.id);
    response.json({
      data,
      has_more: page.more,
      first_id: idOf(page.batches[0]),
      last_id: idOf(page.batches.at(-1)),
    });
  });

  routes.get('/v1/messages/batches/:id', async (request: ById, response: Response) => {
    response.json(writeMessageBatch(await requireMessageBatch(parts, request), request));
  });

  routes.post('/v1/messages/batches/:id/cancel', async (request: ById, response: Response) => {
    const batch = await requireMessageBatch(parts, request);
    if (!hasEnded(batch.status)) await store.batches.cancel(batch.id);
    response.json(writeMessageBatch(await requireMessageBatch(parts, request), request));
  });

  routes.delete('/v1/messages/batches/:id', async (request: ById, response: Response) => {
    const batch = await requireMessageBatch(parts, request);
    if (!hasEnded(batch.status)) {
      throw new SluiceError(
        'batch_not_ended',
        'The batch is in progress. Cancel it first, or wait for its end.',
      );
    }
    if (batch.outputFileId !== null) await files.delete(batch.outputFileId);
    await files.delete(batch.inputFileId);
    await results.forget(batch.id);
    await store.batches.delete(batch);
    response.json({ id: request.params.id, type: 'message_batch_deleted' });
  });

  routes.get('/v1/messages/batches/:id/results', async (request: ById, response: Response) => {
    const { outputFileId } = await requireMessageBatch(parts, request);
    const lines = outputFileId === null ? null : await files.read(outputFileId);
    if (lines === null) {
      throw new SluiceError(
        'file_not_found',
        'The batch has no results: it has not ended, or they have expired.',
      );
    }
    response.setHeader('Content-Type', 'application/x-jsonl');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method === 'HEAD') {
      lines.destroy();
      response.end();
      return;
    }
    // Who has gone away wants nothing; whom the storage fails gets a connection that breaks, not an end.
    await pipeline(lines, response).catch(() => response.destroy());
  });

  return routes;
}

/** Keeps the requests as the input of a batch. Whatever is wrong with one of them, nothing is left of the others. */
async function accept(parts: ApiParts, request: Request): Promise<AcceptedBatch> {
  const key = idempotencyKey(request);
  const body = new MessageBatchBody(parts.config.limits);
  const received = await parts.files.receive(body.lines(request));
  const file = await received.keep({
    filename: 'message_batch.jsonl',
    purpose: 'batch',
    expiresAt: expiryOf('batch', null, Date.now()),
  });
  const asked = { input_file_id: file.id, endpoint: MESSAGES, completion_window: '24h' as const };
  const spec = { ...specify(parts, asked, null), kind: 'anthropic' as const, lines: body.count };
  const once = key === null ? null : { key, asked: { sha256: body.sha256 } };
  return createBatchOf(parts, file, spec, once);
}

async function requireMessageBatch({ store }: ApiParts, { params }: ById): Promise<Batch> {
  const batchId = batchIdOf(MESSAGE_BATCH, params.id);
  const batch = await requireBatch(store, batchId ?? params.id);
  if (batchId !== null && batch.kind === 'anthropic') return batch;
  throw new SluiceError('batch_not_found', `No batch found with id '${params.id.slice(0, 80)}'.`);
}

function cursor(id: string | undefined, param: string): string | null {
  if (id === undefined) return null;
  const batchId = batchIdOf(MESSAGE_BATCH, id);
  if (batchId !== null) return batchId;
  throw new SluiceError('invalid_value', `Invalid value for '${param}': expected the id of a batch.`, {
    param,
  });
}
