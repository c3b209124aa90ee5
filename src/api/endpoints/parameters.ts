import { z } from 'zod';
import { JOB_STATUSES } from '../../core/job.ts';
import { JOB_ID } from '../../core/job-id.ts';
import { OFFSET } from '../../core/offset.ts';
import { flag, oneOf, wholeNumber } from '../query.ts';
import { KEY, MAX_KEY, MAX_WAIT } from '../request-options.ts';
import { jobId } from './schemas/job.ts';

/** `{id}` of a job's path. */
export const jobPath = z.object({ id: jobId });

/** `?limit=`, `?status=` and `?after=` of a list of jobs. */
export const jobListQuery = z.object({
  limit: wholeNumber({ least: 1, most: 100, fallback: 20 }),
  status: oneOf(JOB_STATUSES).optional(),
  after: z
    .string({ error: 'expected the id of a job' })
    .regex(JOB_ID, { error: 'expected the id of a job' })
    .optional()
    .meta({ description: 'The id of a job: the list begins after it.' }),
});

/** `?limit=`, `?order=` and `?after=` of OpenAI's other lists. `after`: what it names. */
export function pageQuery(order: 'asc' | 'desc', after: string) {
  return z.object({
    limit: wholeNumber({ least: 1, most: 100, fallback: 20 }),
    order: oneOf(['asc', 'desc']).default(order),
    after: z
      .string({ error: `expected the id of ${after}` })
      .optional()
      .meta({ description: `The id of ${after}: the list begins after it.` }),
  });
}

/** `?wait=` and `?partial=` of a job. More seconds than the most are taken as the most. */
export const jobQuery = z.object({
  wait: wholeNumber({ least: 0, most: 999_999_999, fallback: 0 })
    .transform((seconds) => Math.min(seconds, MAX_WAIT))
    .meta({ description: `Seconds to wait for the job to settle; at most ${MAX_WAIT} are waited.` }),
  partial: flag().meta({ description: 'With the text so far, while the job runs.' }),
});

const offset = z
  .union([z.string().regex(OFFSET), z.literal('')])
  .meta({ description: 'The id of an event, `<epoch>-<seq>`, as `1-42`: the stream goes on after it.' });

/** Where a reader of events resumes: in the query, or as EventSource says it. `request-options.ts` reads both. */
export const resumeQuery = z.object({ after: offset.optional() });
/** See {@link resumeQuery}. */
export const resumeHeaders = z.object({
  'Last-Event-ID': offset
    .optional()
    .meta({ description: 'As `after`, and before it: EventSource sends it.' }),
});

/** How a request that becomes a job may be sent. `request-options.ts` reads it. */
export const submissionHeaders = z.object({
  'Idempotency-Key': z.string().regex(KEY).max(MAX_KEY).optional().meta({
    description: 'Sent again with the same key, a request finds the job that it made, and makes no other.',
  }),
  Prefer: z.string().optional().meta({
    description:
      '`respond-async`: answer at once with the job. `wait=N`: hold that answer up to N seconds. Or both, with a comma.',
  }),
});

/** What a completion's request may say besides. */
export const completionHeaders = submissionHeaders.extend({
  'X-Sluice-On-Disconnect': z.string().optional().meta({
    description: '`continue`: the job goes on when this client goes away. Otherwise it is cancelled then.',
  }),
});

/** What the answer to a submission says of its job. */
export const acceptedHeaders = z.object({
  'x-sluice-job-id': jobId,
  Location: z.string().optional().meta({ description: 'The job.', example: '/v1/jobs/job_…' }),
  'Retry-After': z.string().optional().meta({ description: 'Seconds until it is worth asking.' }),
  'Preference-Applied': z.string().optional(),
  'Idempotent-Replayed': z.literal('true').optional().meta({
    description: 'An earlier request with this key had made the job.',
  }),
});

/** What every answer with a job's text says. */
export const jobHeaders = z.object({ 'x-sluice-job-id': jobId });
