import { SluiceError } from '../core/errors.ts';
import { identityOf, isTerminal, type Job } from '../core/job.ts';
import { JOB_CANCELLED } from '../core/settlement.ts';
import { laneOf } from '../queue/producer.ts';
import { foldLastAttempt, settleFromLog } from '../store/settle-from-log.ts';
import type { Store } from '../store/store.ts';
import { writeJob } from '../surfaces/job.ts';
import { surfaceOf } from '../surfaces/registry.ts';
import type { ApiParts } from './parts.ts';

/** Ms between two announcements of a cancellation, and how long its settlement is waited for. */
const ANNOUNCE_AGAIN = 500;
const CANCEL_PATIENCE = 5000;

/** The job, or the 404 that its client gets. */
export async function requireJob(store: Store, jobId: string): Promise<Job> {
  const job = await store.jobs.get(jobId);
  if (job === null) {
    throw new SluiceError('job_not_found', `There is no job '${jobId.slice(0, 64)}', or it has expired.`, {
      param: 'id',
    });
  }
  return job;
}

/** The job's object with its result and its place in the queue. */
export async function showJob(parts: ApiParts, job: Job, partial = false): Promise<object> {
  const waiting = job.status === 'queued';
  const surface = surfaceOf(job.url);
  const shows = partial && job.status === 'in_progress' && surface.wholeOnly !== true;
  const [position, answer, fold] = await Promise.all([
    waiting ? parts.producer.position({ ...job, lane: laneOf(job) }) : null,
    isTerminal(job.status) || shows ? parts.store.jobs.answer(job.id) : null,
    shows ? foldLastAttempt(parts.store.log, job) : null,
  ]);
  const result = isTerminal(job.status) && answer?.result ? surface.write(job, answer) : null;
  const sofar = fold && { result: fold.completion(identityOf(job)), echo: answer?.echo ?? null };
  return writeJob(job, { position, result, ...(sofar && { partial: surface.write(job, sofar) }) });
}

/** Waits up to `seconds` for the job to settle; the job as it then is. */
export async function waitForJob(
  parts: ApiParts,
  jobId: string,
  seconds: number,
  gone: AbortSignal,
): Promise<Job> {
  const signal = AbortSignal.any([AbortSignal.timeout(1000 * seconds), gone]);
  await parts.store.waitSettled(jobId, signal);
  return requireJob(parts.store, jobId);
}

/**
 * Cancels a job and waits until it has settled, so that the answer means: the provider has been hung up on.
 * A worker that does not react in time is settled over; the log refuses whatever it still writes.
 */
export async function cancelJob(parts: ApiParts, job: Job): Promise<Job> {
  const { store, producer, logger } = parts;
  const patience = Date.now() + CANCEL_PATIENCE;
  let status = await store.jobs.cancel(job.id);
  if (status === 'queued') {
    await settleCancelled(parts, job);
    producer.remove({ ...job, lane: laneOf(job) }).catch((err: unknown) => {
      logger.debug({ err, jobId: job.id }, 'the ticket stays in the queue and will find its job settled');
    });
  }
  while (status !== null && !isTerminal(status) && Date.now() < patience) {
    if (await store.waitSettled(job.id, AbortSignal.timeout(ANNOUNCE_AGAIN))) break;
    status = await store.jobs.cancel(job.id);
  }
  const settled = await requireJob(store, job.id);
  if (isTerminal(settled.status)) return settled;
  logger.warn(
    { jobId: job.id, epoch: job.epoch },
    'no worker took the cancellation; settling the job over it',
  );
  await settleCancelled(parts, job);
  return requireJob(store, job.id);
}

async function settleCancelled({ store, logger, metrics }: ApiParts, job: Job): Promise<void> {
  const reply = await settleFromLog(store, job.id, 'cancelled', JOB_CANCELLED);
  if (reply !== 'settled') return;
  metrics.jobsSettled.inc({ group: job.group, status: 'cancelled' });
  logger.info({ jobId: job.id, epoch: job.epoch, code: JOB_CANCELLED.code }, 'job cancelled');
}
