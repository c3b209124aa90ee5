import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { isTerminal, type Job } from '../../core/job.ts';
import { readRequest } from '../../intake/read-request.ts';
import type { Submission } from '../../intake/submissions.ts';
import { writeJob } from '../../surfaces/job.ts';
import { surfaceOf } from '../../surfaces/registry.ts';
import { validate } from '../../surfaces/validate.ts';
import { answerSubmission } from '../answer-submission.ts';
import { jobListQuery, jobQuery } from '../endpoints/parameters.ts';
import { goneSignal } from '../gone-signal.ts';
import { cancelJob, requireJob, showJob, waitForJob } from '../job-access.ts';
import { jobRequestSchema } from '../job-request.ts';
import { sendJobError } from '../middleware/errors.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { idempotencyKey } from '../request-options.ts';
import { writePage } from './page.ts';

/** `/v1/jobs`: submit, list, poll, cancel and delete jobs. Their events are in `job-events.ts`. */
export function jobRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store } = parts;
  const schema = jobRequestSchema(parts.config.limits.jobTimeout);

  routes.post('/v1/jobs', async (request: Request, response: Response) => {
    const body = validate(schema, request.body);
    const asked = await readRequest(parts, surfaceOf(body.url), body.body, 'body');
    const webhook = body.webhook ?? null;
    if (webhook !== null) await parts.webhookTargets.check(webhook, 'webhook');
    const submission: Submission = {
      ...asked,
      url: body.url,
      customId: body.custom_id ?? null,
      metadata: body.metadata ?? asked.metadata,
      priority: body.priority ?? 0,
      delay: body.delay ?? 0,
      timeout: body.timeout ?? null,
      webhook,
      idempotencyKey: idempotencyKey(request),
    };
    const accepted = await parts.submissions.accept(submission, 'body.model');
    await answerSubmission(parts, request, response, accepted);
  });

  routes.get('/v1/jobs', async (request: Request, response: Response) => {
    const { status = null, after = null, limit } = readQuery(request, jobListQuery);
    const page = await store.jobs.list(status, after, limit);
    const data = page.items.map((job) => writeJob(job));
    response.json(writePage(data, page.next !== null, page.next ?? undefined));
  });

  routes.get('/v1/jobs/:id', async (request: Request<{ id: string }>, response: Response) => {
    const { wait, partial } = readQuery(request, jobQuery);
    let job = await requireJob(store, request.params.id);
    if (wait > 0 && !isTerminal(job.status))
      job = await waitForJob(parts, job.id, wait, goneSignal(response, parts.closing));
    response.json(await showJob(parts, job, partial));
  });

  routes.get('/v1/jobs/:id/result', async (request: Request<{ id: string }>, response: Response) => {
    const job = await requireJob(store, request.params.id);
    await answerResult(parts, job, response);
  });

  routes.post('/v1/jobs/:id/cancel', async (request: Request<{ id: string }>, response: Response) => {
    const job = await requireJob(store, request.params.id);
    response.json(await showJob(parts, isTerminal(job.status) ? job : await cancelJob(parts, job)));
  });

  routes.post('/v1/jobs/:id/retry', async (request: Request<{ id: string }>, response: Response) => {
    const job = await requireJob(store, request.params.id);
    if (!isTerminal(job.status)) throw notSettled(job);
    const { request: asked, echo } = await store.jobs.content(job.id);
    const { url, stored, customId, metadata, webhook, priority } = job;
    const same = { url, request: asked, echo, stored, customId, metadata, webhook, priority };
    const again = { ...same, delay: 0, timeout: null };
    const key = idempotencyKey(request);
    const accepted = await parts.submissions.accept({ ...again, idempotencyKey: key }, 'model');
    await answerSubmission(parts, request, response, accepted);
  });

  routes.delete('/v1/jobs/:id', async (request: Request<{ id: string }>, response: Response) => {
    const job = await requireJob(store, request.params.id);
    if (job.batchId !== null) throw partOfBatch(job, job.batchId);
    if (!isTerminal(job.status)) throw notSettled(job);
    await store.jobs.delete(job.id);
    response.json({ id: job.id, object: 'job.deleted', deleted: true });
  });

  return routes;
}

function notSettled({ id, status }: Job): SluiceError {
  const message = `The job is ${status}. Cancel it first: POST /v1/jobs/${id}/cancel.`;
  return new SluiceError('job_not_settled', message);
}

function partOfBatch({ id }: Job, batchId: string): SluiceError {
  const message = `The job ${id} is a line of ${batchId}, and is deleted with that batch alone.`;
  return new SluiceError('job_in_batch', message);
}

async function answerResult(parts: ApiParts, job: Job, response: Response): Promise<void> {
  if (!isTerminal(job.status)) {
    response.setHeader('Retry-After', '1');
    response.status(202).json(await showJob(parts, job));
  } else if (job.error !== null) {
    sendJobError(response, job.error);
  } else {
    response.json(surfaceOf(job.url).write(job, await parts.store.jobs.answer(job.id)));
  }
}
