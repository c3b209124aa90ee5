import type { Request, Response } from 'express';
import { isTerminal } from '../core/job.ts';
import type { Fields } from '../core/json.ts';
import { ORIGIN } from '../core/offset.ts';
import { readRequest } from '../intake/read-request.ts';
import type { Accepted } from '../intake/submissions.ts';
import { FROM_THE_BEGINNING, startAt } from '../surfaces/stream-start.ts';
import type { Surface, SurfaceRequest } from '../surfaces/surface.ts';
import { answerSubmission } from './answer-submission.ts';
import { whenGone } from './gone-signal.ts';
import { cancelJob, requireJob } from './job-access.ts';
import type { ApiParts } from './parts.ts';
import { rebuildExpiredLog } from './replay.ts';
import { idempotencyKey, preference } from './request-options.ts';
import { streamJob } from './stream-job.ts';
import { wholeAnswer } from './whole-answer.ts';

/** Takes a request of any surface to the queue, and its answer back: whole, streamed, or as the job that it became. */
export async function handleRequest(
  parts: ApiParts,
  surface: Surface,
  request: Request,
  response: Response,
): Promise<void> {
  const asked = await readRequest(parts, surface, bodyOf(surface, request));
  const key = idempotencyKey(request);
  const accepted = await parts.submissions.accept(
    {
      ...asked,
      url: surface.url,
      customId: null,
      priority: 0,
      delay: 0,
      timeout: null,
      webhook: null,
      idempotencyKey: key,
    },
    'model',
  );
  if (preference(request).respondAsync) return answerSubmission(parts, request, response, accepted);
  const { job, replayed } = accepted;
  response.setHeader('x-sluice-job-id', job.id);
  if (replayed) response.setHeader('Idempotent-Replayed', 'true');
  const staysWanted =
    asked.keepsOn ||
    asked.background ||
    key !== null ||
    request.get('X-Sluice-On-Disconnect')?.toLowerCase() === 'continue';
  if (!staysWanted) cancelWhenGone(parts, job.id, response);
  if (asked.stream) return streamAnswer(parts, surface, asked, accepted, response);
  if (asked.background) {
    const current = await requireJob(parts.store, job.id);
    response.json(surface.write(current, await parts.store.jobs.answer(job.id)));
    return;
  }
  // Who lists what is stored next shall find this one.
  if (asked.stored) await accepted.listed;
  return wholeAnswer(parts, surface, job.id, response);
}

/** The body, with what the client may say of it in headers. */
function bodyOf({ headerFields }: Surface, request: Request): Fields {
  if (headerFields === undefined) return request.body;
  const sent = Object.entries(headerFields).map(([header, field]) => [field, request.get(header)]);
  return { ...Object.fromEntries(sent.filter(([, value]) => value !== undefined)), ...request.body };
}

async function streamAnswer(
  parts: ApiParts,
  surface: Surface,
  asked: SurfaceRequest,
  { job, replayed }: Accepted,
  response: Response,
): Promise<void> {
  const earlier = replayed ? await requireJob(parts.store, job.id) : null;
  const rebuilt = earlier && (await rebuildExpiredLog(parts, earlier));
  const start = earlier ? startAt(earlier, null) : FROM_THE_BEGINNING;
  const open = surface.open(earlier ?? job, asked.echo, start);
  await streamJob(parts, response, {
    jobId: job.id,
    stream: open,
    follow: (signal) => rebuilt ?? parts.store.follow(job.id, { after: ORIGIN, signal, fresh: !replayed }),
    atOnce: asked.background,
  });
}

function cancelWhenGone(parts: ApiParts, jobId: string, response: Response): void {
  whenGone(response, () => {
    if (response.writableFinished || parts.closing.begun) return;
    void cancelAbandoned(parts, jobId);
  });
}

async function cancelAbandoned(parts: ApiParts, jobId: string): Promise<void> {
  try {
    const job = await parts.store.jobs.get(jobId);
    if (job !== null && !isTerminal(job.status)) await cancelJob(parts, job);
  } catch (error) {
    parts.logger.warn({ err: error, jobId }, 'could not cancel the job of a client that went away');
  }
}
