import type { Response } from 'express';
import type { ErrorBody } from '../core/errors.ts';
import { goesOn, SHUTTING_DOWN } from '../surfaces/interrupted.ts';
import type { Surface } from '../surfaces/surface.ts';
import { errorBody } from './error-shape.ts';
import { goneSignal } from './gone-signal.ts';
import { requireJob } from './job-access.ts';
import { sendJobError } from './middleware/errors.ts';
import type { ApiParts } from './parts.ts';
import { beginGrowing } from './sse-response.ts';

/**
 * Answers with a job's whole answer once it has settled. One that takes long keeps its connection alive with white space,
 * which JSON may begin with: `200` is out by then, so a failure that the surface has no word for breaks the connection
 * off, which no client takes for an answer.
 */
export async function wholeAnswer(
  parts: ApiParts,
  surface: Surface,
  jobId: string,
  response: Response,
): Promise<void> {
  const signal = goneSignal(response, parts.closing);
  const stopBeating = beat(response, 1000 * parts.config.limits.keepAlive);
  try {
    const settled = await parts.store.waitSettled(jobId, signal);
    if (!settled) {
      if (parts.closing.begun) fail(response, goesOn(jobId, SHUTTING_DOWN).body);
      return;
    }
    const job = await requireJob(parts.store, jobId);
    const { error } = job;
    const asFailure =
      error !== null && !(surface.tellsFailures && (response.headersSent || job.status !== 'failed'));
    if (asFailure) return fail(response, error);
    const body = surface.write(job, await parts.store.jobs.answer(jobId));
    if (response.headersSent) response.end(JSON.stringify(body));
    else response.json(body);
  } finally {
    stopBeating();
  }
}

/** Intervals before the first sign of life: after 45 s, where connections are usually cut at 60 s. */
const FIRST_BEAT = 3;

/** Sends white space at every interval from the third on, until the returned function is called. */
function beat(response: Response, interval: number): () => void {
  let beats = 0;
  const timer = setInterval(() => {
    beats += 1;
    if (beats < FIRST_BEAT || response.destroyed) return;
    if (!response.headersSent) beginGrowing(response, 'application/json');
    response.write('\n');
  }, interval);
  return () => clearInterval(timer);
}

function fail(response: Response, error: ErrorBody): void {
  if (!response.headersSent) {
    sendJobError(response, error);
    return;
  }
  // For whoever reads the bytes; without the last chunk the answer stays incomplete.
  response.write(JSON.stringify(errorBody(response, error)), () => response.destroy());
}
