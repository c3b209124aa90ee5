import { SluiceError } from '../core/errors.ts';

/** What a stream says that ends before its job, in a protocol that has no word for a second attempt. */
export function goesOn(jobId: string, why: string): SluiceError {
  return new SluiceError(
    'attempt_interrupted',
    `${why}; the job goes on. Follow GET /v1/jobs/${jobId}/events or poll GET /v1/jobs/${jobId}.`,
  );
}

/** Why, where this server ends before the job does. */
export const SHUTTING_DOWN = 'Sluice is shutting down';

/** Why, where another attempt begins after text that has been sent. */
export const ATTEMPT_ENDED = 'The attempt that produced this text ended early';
