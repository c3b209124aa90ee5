import { type Request, type Response, Router } from 'express';
import { identityOf, isTerminal, type Job } from '../../core/job.ts';
import type { LogEntry } from '../../core/log-entry.ts';
import { compareOffsets, type Offset, ORIGIN, parseOffset } from '../../core/offset.ts';
import { EventWriter } from '../../surfaces/job.ts';
import { requireJob } from '../job-access.ts';
import type { ApiParts } from '../parts.ts';
import { rebuildExpiredLog } from '../replay.ts';
import { resumeOffset } from '../request-options.ts';

/** `GET /v1/jobs/{id}/events`: a job's log over SSE, live or stored, from any offset. */
export function jobEventRoutes(parts: ApiParts): Router {
  const routes = Router();
  routes.get('/v1/jobs/:id/events', async (request: Request<{ id: string }>, response: Response) => {
    const after = resumeOffset(request);
    const job = await requireJob(parts.store, request.params.id);
    response.setHeader('x-sluice-job-id', job.id);
    if (isTerminal(job.status) && compareOffsets(after, parseOffset(job.end ?? '') ?? ORIGIN) >= 0) {
      // Nothing will ever follow: 204 is what makes an EventSource stop reconnecting.
      response.status(204).end();
    } else if (request.method === 'HEAD') {
      parts.streams.open(response).end();
    } else {
      await streamLog(parts, job, after, response);
    }
  });
  return routes;
}

async function streamLog(parts: ApiParts, job: Job, after: Offset, response: Response): Promise<void> {
  const rebuilt = await rebuildExpiredLog(parts, job);
  const stream = parts.streams.open(response);
  stream.flushHeaders();
  const writer = new EventWriter(identityOf(job), rebuilt !== null);
  const entries: AsyncIterable<LogEntry> | LogEntry[] =
    rebuilt ?? parts.store.follow(job.id, { after, signal: stream.gone });
  for await (const entry of entries) {
    const full = stream.write(writer.write(entry));
    if (full) await full;
    if (stream.gone.aborted) break;
  }
  stream.end();
}
