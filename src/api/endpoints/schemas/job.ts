import { z } from 'zod';
import { COST_SOURCES } from '../../../core/cost.ts';
import { ATTEMPT_STATUSES, JOB_STATUSES } from '../../../core/job.ts';
import { JOB_ID } from '../../../core/job-id.ts';
import { chatCompletion, finishReason, usage } from './completion.ts';
import { errorBody } from './error.ts';

const seconds = z.int().meta({ description: 'Unix seconds.' });

/** Of a job, in paths, queries and answers. */
export const jobId = z
  .string()
  .regex(JOB_ID)
  .meta({ description: 'The id of a job.', example: 'job_0198d2b6c3f27a41b6a5d0c1e2f3a4b5' });

const cost = z.strictObject({ usd: z.number(), estimated: z.boolean() });

const attempt = z
  .strictObject({
    epoch: z.int(),
    provider: z.string(),
    model: z.string(),
    started_at: seconds,
    finished_at: seconds.nullable(),
    status: z.enum(ATTEMPT_STATUSES),
    error: errorBody.nullable(),
    usage: usage.nullable(),
    cost: cost
      .extend({
        source: z.enum(COST_SOURCES),
        price_date: z.string().optional(),
      })
      .nullable(),
  })
  .meta({ id: 'Attempt', description: 'One call to a provider.' });

const PATH = '/v1/jobs/job_0198d2b6c3f27a41b6a5d0c1e2f3a4b5';
const EXAMPLE = {
  id: 'job_0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
  object: 'job',
  status: 'queued',
  url: '/v1/chat/completions',
  model: 'scripted/echo',
  custom_id: 'my-17',
  metadata: { purpose: 'trial' },
  priority: 0,
  created_at: 1_793_675_183,
  started_at: null,
  finished_at: null,
  expires_at: 1_793_678_783,
  attempts: [],
  usage: null,
  cost: null,
  finish_reason: null,
  error: null,
  links: { self: PATH, events: `${PATH}/events`, result: `${PATH}/result`, cancel: `${PATH}/cancel` },
};

/** A job as lists show it. */
export const listedJob = z
  .strictObject({
    id: jobId,
    object: z.literal('job'),
    status: z.enum(JOB_STATUSES),
    url: z.string().meta({ description: 'The endpoint whose request it runs.' }),
    model: z.string(),
    custom_id: z.string().nullable(),
    metadata: z.record(z.string(), z.string()).nullable(),
    priority: z.int(),
    created_at: seconds,
    started_at: seconds.nullable(),
    finished_at: seconds.nullable(),
    expires_at: seconds.meta({ description: 'Unix seconds: it expires if it has not settled by then.' }),
    attempts: z.array(attempt),
    usage: usage.nullable(),
    cost: cost.nullable(),
    finish_reason: finishReason.nullable(),
    error: errorBody.nullable(),
    links: z.strictObject({ self: z.string(), events: z.string(), result: z.string(), cancel: z.string() }),
  })
  .meta({ id: 'ListedJob', example: EXAMPLE });

/** A job as it is shown by itself. */
export const job = listedJob
  .extend({
    position: z.int().nullable().meta({ description: 'Jobs ahead of it; null once it is not waiting.' }),
    result: z
      .looseObject({})
      .nullable()
      .meta({ description: 'In the words of the endpoint that it was submitted to.' }),
    partial: chatCompletion.optional().meta({ description: 'The text so far, with `?partial=true`.' }),
  })
  .meta({ id: 'Job', example: { ...EXAMPLE, position: 0, result: null } });

/** What is left to say of a job that was deleted. */
export const deletedJob = z.strictObject({
  id: jobId,
  object: z.literal('job.deleted'),
  deleted: z.literal(true),
});
