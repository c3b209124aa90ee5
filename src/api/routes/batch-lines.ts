import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { outputLine } from '../../batches/openai-lines.ts';
import { type Batch, hasEnded } from '../../core/batch.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import { writeJob } from '../../surfaces/job.ts';
import { requireBatch } from '../batch-access.ts';
import { linesOf } from '../batch-lines.ts';
import { finishedLines } from '../batch-progress.ts';
import { batchEventQuery, batchJobQuery } from '../endpoints/batches.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { END, streamBatch } from '../stream-batch.ts';
import { writePage } from './page.ts';

type ById = Request<{ id: string }>;

/** What becomes of the lines of a batch: `/v1/batches/{id}/events`, `/jobs`, `/output` and `/errors`. */
export function batchLineRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store } = parts;

  routes.get('/v1/batches/:id/events', async (request: ById, response: Response) => {
    const { after: asked, include } = readQuery(request, batchEventQuery);
    const batch = await requireBatch(store, request.params.id);
    const after = resumeLine(request.get('Last-Event-ID') || asked || '0');
    if (after === END) {
      // Nothing will ever follow: 204 is what makes an EventSource stop reconnecting.
      response.status(204).end();
    } else if (request.method === 'HEAD') {
      parts.streams.open(response).end();
    } else {
      await refuseForgotten(parts, batch, after);
      await streamBatch(parts, batch, { after, whole: include?.includes('result') ?? false }, response);
    }
  });

  routes.get('/v1/batches/:id/jobs', async (request: ById, response: Response) => {
    const { limit, status = null, after = null } = readQuery(request, batchJobQuery);
    const batch = await requireBatch(store, request.params.id);
    const page = await linesOf(parts, batch, { limit, status, after });
    response.json(
      writePage(
        page.jobs.map((job: Job) => writeJob(job)),
        page.more,
      ),
    );
  });

  for (const file of ['output', 'errors'] as const) {
    routes.get(`/v1/batches/:id/${file}`, async (request: ById, response: Response) => {
      const batch = await requireBatch(store, request.params.id);
      await refuseForgotten(parts, batch, 0);
      response.setHeader('Content-Type', 'application/jsonl');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      // Who has gone away wants nothing; whom the storage fails gets a connection that breaks, not an end.
      await pipeline(resultLines(parts, batch, file), response).catch(() => response.destroy());
    });
  }

  return routes;
}

async function* resultLines(
  { results }: ApiParts,
  batch: Batch,
  file: 'output' | 'errors',
): AsyncGenerator<string> {
  for await (const result of results.read(batch.id)) {
    if ((result.status === 'completed') === (file === 'output')) yield `${outputLine(batch, result).text}\n`;
  }
}

/** Results are kept by themselves for `result_ttl` after a batch's end; in its files, longer. */
async function refuseForgotten({ store }: ApiParts, batch: Batch, after: number): Promise<void> {
  if (!hasEnded(batch.status) || finishedLines(batch) <= after) return;
  if ((await store.batches.segment(batch.id, 1)) !== null) return;
  throw new SluiceError(
    'batch_results_expired',
    'The lines of this batch are not kept one by one any more. Its output_file_id and error_file_id have them.',
  );
}

function resumeLine(text: string): number | typeof END {
  if (text === END) return END;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SluiceError(
    'invalid_offset',
    `Invalid offset: expected the id of an event, the number of lines before it, or '${END}'.`,
    { param: 'after' },
  );
}
