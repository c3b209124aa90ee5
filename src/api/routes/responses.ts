import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { completionContent, isTerminal, type Job, type JobAnswer } from '../../core/job.ts';
import type { Fields } from '../../core/json.ts';
import { ORIGIN } from '../../core/offset.ts';
import { inputItemsOf } from '../../surfaces/responses/answer/input-items.ts';
import { including, isBackground } from '../../surfaces/responses/echo.ts';
import { jobOfResponse } from '../../surfaces/responses/ids.ts';
import { responsesSurface } from '../../surfaces/responses/surface.ts';
import { startAt } from '../../surfaces/stream-start.ts';
import { inputItemsQuery, retrieveQuery } from '../endpoints/responses.ts';
import { cancelJob } from '../job-access.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { streamJob } from '../stream-job.ts';
import { pageOf } from './page.ts';

type ById = Request<{ id: string }>;

interface Found {
  readonly job: Job;
  readonly answer: JobAnswer;
}

/** `/v1/responses/{id}`: retrieve, follow, cancel and delete responses. Creating them is every surface's `POST`. */
export function responseRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store } = parts;

  routes.get('/v1/responses/:id', async (request: ById, response: Response) => {
    const { job, answer } = await requireResponse(parts, request.params.id);
    const { stream, include, starting_after: after } = readQuery(request, retrieveQuery);
    const shown = { ...answer, echo: { ...answer.echo, ...including(include) } };
    if (stream) {
      refuseOtherEvents(answer.echo, shown.echo);
      return followResponse(parts, { job, answer, after }, request, response);
    }
    response.json(responsesSurface.write(job, shown));
  });

  routes.post('/v1/responses/:id/cancel', async (request: ById, response: Response) => {
    const { job, answer } = await requireResponse(parts, request.params.id);
    if (!isBackground(answer.echo)) {
      throw new SluiceError(
        'invalid_request_error',
        'Cannot cancel a synchronous response: only those created with background=true can be cancelled. To end ' +
          'this one, close the connection that waits for it.',
      );
    }
    if (isTerminal(job.status)) {
      response.json(responsesSurface.write(job, answer));
      return;
    }
    const cancelled = await cancelJob(parts, job);
    response.json(responsesSurface.write(cancelled, await store.jobs.answer(job.id)));
  });

  routes.delete('/v1/responses/:id', async (request: ById, response: Response) => {
    const { job } = await requireResponse(parts, request.params.id);
    if (!isTerminal(job.status)) await cancelJob(parts, job);
    await store.jobs.delete(job.id);
    response.json({ id: request.params.id, object: 'response', deleted: true });
  });

  routes.get('/v1/responses/:id/input_items', async (request: ById, response: Response) => {
    const { job } = await requireResponse(parts, request.params.id);
    const content = completionContent(await store.jobs.content(job.id));
    // It was deleted a moment ago.
    if (content === null) throw notFound(request.params.id);
    response.json(pageOf(inputItemsOf(job.id, content), readQuery(request, inputItemsQuery)));
  });

  return routes;
}

/**
 * The job of a response and its answer. One that was not to be stored is there for its own client only, which follows it
 * in the background.
 */
async function requireResponse({ store }: ApiParts, id: string): Promise<Found> {
  const jobId = jobOfResponse(id);
  const job = jobId === null ? null : await store.jobs.get(jobId);
  if (job !== null && job.url === responsesSurface.url) {
    const answer = await store.jobs.answer(job.id);
    if (job.stored || isBackground(answer.echo)) return { job, answer };
  }
  throw notFound(id);
}

function notFound(id: string): SluiceError {
  return new SluiceError('response_not_found', `Response with id '${id.slice(0, 80)}' not found.`);
}

/** What is sealed has events, and a stream has one set of numbers: those of what the request included. */
function refuseOtherEvents(made: Fields | null, shown: Fields): void {
  if (made?.include_encrypted === shown.include_encrypted) return;
  const message =
    "A stream has what its request included: ask for 'reasoning.encrypted_content' when you create the response, or " +
    'retrieve it without stream.';
  throw new SluiceError('unsupported_value', message, { param: 'include' });
}

async function followResponse(
  parts: ApiParts,
  { job, answer, after }: Found & { readonly after: number | undefined },
  request: Request,
  response: Response,
): Promise<void> {
  const { store, config } = parts;
  const { echo } = answer;
  if (!isBackground(echo)) {
    const message = 'This response cannot be streamed because it was not created with background=true.';
    throw new SluiceError('invalid_request_error', message, { param: 'stream' });
  }
  // What could be rebuilt from the result would have other numbers than what was streamed.
  if (isTerminal(job.status) && !(await store.log.exists(job.id))) {
    const message =
      'This response can no longer be streamed because it ended more than ' +
      `${config.limits.logTtl} seconds ago. Retrieve it without stream.`;
    throw new SluiceError('invalid_request_error', message, { param: 'stream' });
  }
  response.setHeader('x-sluice-job-id', job.id);
  if (request.method === 'HEAD') return parts.streams.open(response).end();
  await streamJob(parts, response, {
    jobId: job.id,
    stream: responsesSurface.open(job, echo, startAt(job, after ?? null)),
    follow: (signal) => store.follow(job.id, { after: ORIGIN, signal }),
    atOnce: true,
  });
}
