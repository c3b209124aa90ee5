import type { Request, Response } from 'express';
import { isTerminal } from '../core/job.ts';
import type { Accepted } from '../intake/submissions.ts';
import { goneSignal } from './gone-signal.ts';
import { requireJob, showJob, waitForJob } from './job-access.ts';
import type { ApiParts } from './parts.ts';
import { preference, preferenceApplied } from './request-options.ts';

/** 202 and where to look, or 200 if the client asked to wait and the job settled. Also for `respond-async`. */
export async function answerSubmission(
  parts: ApiParts,
  request: Request,
  response: Response,
  accepted: Accepted,
): Promise<void> {
  const { id } = accepted.job;
  const preferred = preference(request);
  const applied = preferenceApplied(preferred);
  if (applied !== null) response.setHeader('Preference-Applied', applied);
  if (accepted.replayed) response.setHeader('Idempotent-Replayed', 'true');
  response.setHeader('x-sluice-job-id', id);
  response.setHeader('Location', `/v1/jobs/${id}`);
  // Who lists jobs next shall find this one.
  await accepted.listed;
  const wait = preferred.wait ?? 0;
  const job =
    wait > 0
      ? await waitForJob(parts, id, wait, goneSignal(response, parts.closing))
      : await requireJob(parts.store, id);
  const settled = wait > 0 && isTerminal(job.status);
  if (!settled) response.setHeader('Retry-After', '1');
  response.status(settled ? 200 : 202).json(await showJob(parts, job));
}
