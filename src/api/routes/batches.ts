import { type Request, type Response, Router } from 'express';
import { hasEnded } from '../../core/batch.ts';
import { isBatchId } from '../../core/batch-id.ts';
import { SluiceError } from '../../core/errors.ts';
import { validate } from '../../surfaces/validate.ts';
import { requireBatch } from '../batch-access.ts';
import { retryBatch } from '../batch-retry.ts';
import { type AcceptedBatch, acceptBatch } from '../batch-submission.ts';
import { batchListQuery } from '../endpoints/batches.ts';
import { batchRequest } from '../endpoints/schemas/batch.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { idempotencyKey } from '../request-options.ts';
import { writePage } from './page.ts';
import { writeBatch } from './write-batch.ts';

type ById = Request<{ id: string }>;

/** `/v1/batches`: make, list, show, cancel and retry batches. What becomes of their lines is in `batch-lines.ts`. */
export function batchRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store } = parts;

  routes.post('/v1/batches', async (request: Request, response: Response) => {
    const asked = validate(batchRequest, request.body);
    answer(response, await acceptBatch(parts, asked, idempotencyKey(request)));
  });

  routes.get('/v1/batches', async (request: Request, response: Response) => {
    const { limit, after = null } = readQuery(request, batchListQuery);
    if (after !== null && !isBatchId(after)) {
      const message = "Invalid value for 'after': expected the id of a batch.";
      throw new SluiceError('invalid_value', message, { param: 'after' });
    }
    const page = await store.batches.list({ kind: 'openai', after, before: null, limit });
    response.json(writePage(page.batches.map(writeBatch), page.more));
  });

  routes.get('/v1/batches/:id', async (request: ById, response: Response) => {
    response.json(writeBatch(await requireBatch(store, request.params.id)));
  });

  routes.post('/v1/batches/:id/cancel', async (request: ById, response: Response) => {
    const batch = await requireBatch(store, request.params.id);
    if (!hasEnded(batch.status)) await store.batches.cancel(batch.id);
    response.json(writeBatch(await requireBatch(store, batch.id)));
  });

  routes.post('/v1/batches/:id/retry', async (request: ById, response: Response) => {
    const batch = await requireBatch(store, request.params.id);
    answer(response, await retryBatch(parts, batch, idempotencyKey(request)));
  });

  return routes;
}

function answer(response: Response, { batch, replayed }: AcceptedBatch): void {
  if (replayed) response.setHeader('Idempotent-Replayed', 'true');
  response.json(writeBatch(batch));
}
