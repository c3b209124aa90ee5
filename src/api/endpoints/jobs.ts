import { jobRequestSchema } from '../job-request.ts';
import type { Endpoint } from './endpoint.ts';
import { JOB_ERRORS, SUBMISSION_ERRORS } from './errors.ts';
import {
  acceptedHeaders,
  jobHeaders,
  jobListQuery,
  jobPath,
  jobQuery,
  resumeHeaders,
  resumeQuery,
  submissionHeaders,
} from './parameters.ts';
import { deletedJob, job, listedJob } from './schemas/job.ts';
import { listOf } from './schemas/list.ts';
import { anyAnswer, ownErrors } from './surfaces/surfaces.ts';

const EVENTS = [
  'event: attempt\nid: 1-0\ndata: {"epoch":1,"provider":"scripted","model":"echo","started_at":1793675183}',
  'event: delta\nid: 1-1\ndata: {"id":"chatcmpl-0198…","object":"chat.completion.chunk",…}',
  'event: completed\nid: 1-9\ndata: {"status":"completed","finish_reason":"stop",…}',
].join('\n\n');

/** `/v1/jobs` and what is below it. `jobTimeout`: the most seconds that a job may ask for. */
export function jobEndpoints(jobTimeout: number): readonly Endpoint[] {
  return [submit(jobTimeout), list, show, events, result, cancel, retry, remove];
}

const submit = (jobTimeout: number): Endpoint => ({
  method: 'post',
  path: '/v1/jobs',
  name: 'createJob',
  group: 'Jobs',
  summary: 'Submit a job',
  description:
    'Answers as soon as the job is durable. `body` is a request of the endpoint that `url` names, chat completions ' +
    'by default. `webhook`: where to tell of its end, besides the registered endpoints.',
  takes: {
    headers: submissionHeaders,
    body: jobRequestSchema(jobTimeout),
    examples: {
      'A job': {
        body: { model: 'scripted/echo', messages: [{ role: 'user', content: 'Say something.' }] },
      },
      'With all that can be said of it': {
        url: '/v1/chat/completions',
        body: { model: 'scripted/lorem', messages: [{ role: 'user', content: 'Say something.' }] },
        custom_id: 'my-17',
        metadata: { purpose: 'trial' },
        priority: 10,
        delay: 1,
        timeout: Math.min(60, jobTimeout),
      },
    },
  },
  answers: {
    200: {
      description: 'With `Prefer: wait=N`: the job, settled in that time.',
      headers: acceptedHeaders,
      json: job,
    },
    202: { description: 'The job, accepted.', headers: acceptedHeaders, json: job },
  },
  errors: [...SUBMISSION_ERRORS, ...ownErrors],
});

const list: Endpoint = {
  method: 'get',
  path: '/v1/jobs',
  name: 'listJobs',
  group: 'Jobs',
  summary: 'List jobs, the newest first',
  takes: { query: jobListQuery },
  answers: { 200: { description: 'A page of jobs.', json: listOf(listedJob) } },
};

const show: Endpoint = {
  method: 'get',
  path: '/v1/jobs/{id}',
  name: 'getJob',
  group: 'Jobs',
  summary: 'Show a job, or wait for it',
  takes: { path: jobPath, query: jobQuery },
  answers: { 200: { description: 'The job as it is now.', json: job } },
  errors: ['job_not_found'],
};

const events: Endpoint = {
  method: 'get',
  path: '/v1/jobs/{id}/events',
  name: 'streamJobEvents',
  group: 'Jobs',
  summary: "Follow a job's log",
  description:
    'Server-sent events, live or stored, from any offset: `attempt`, `delta`, `retry`, and one terminal event. ' +
    'A reader that breaks off resumes with the last `id` that it got, and loses and repeats nothing.',
  takes: { path: jobPath, query: resumeQuery, headers: resumeHeaders },
  answers: {
    200: { description: 'The events.', headers: jobHeaders, events: EVENTS },
    204: { description: 'There is nothing after this offset, and never will be.', headers: jobHeaders },
  },
  errors: ['invalid_offset', 'job_not_found', 'log_expired'],
};

const result: Endpoint = {
  method: 'get',
  path: '/v1/jobs/{id}/result',
  name: 'getJobResult',
  group: 'Jobs',
  summary: "A job's answer by itself",
  description: 'In the words of the endpoint that the job was submitted to; a failure with its own status.',
  takes: { path: jobPath },
  answers: {
    200: { description: 'The answer.', json: anyAnswer },
    202: { description: 'The job has not settled: the job.', json: job },
  },
  errors: ['job_not_found', ...JOB_ERRORS],
};

const cancel: Endpoint = {
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  name: 'cancelJob',
  group: 'Jobs',
  summary: 'Cancel a job',
  description: 'The answer means that the provider has been hung up on. What it had said is kept.',
  takes: { path: jobPath },
  answers: { 200: { description: 'The job, settled.', json: job } },
  errors: ['job_not_found'],
};

const retry: Endpoint = {
  method: 'post',
  path: '/v1/jobs/{id}/retry',
  name: 'retryJob',
  group: 'Jobs',
  summary: 'Run a job again',
  description:
    'The request of a settled job, also of a line of a batch, as a new job. The old one stays as it is.',
  takes: { path: jobPath, headers: submissionHeaders },
  answers: {
    200: {
      description: 'With `Prefer: wait=N`: the new job, settled in that time.',
      headers: acceptedHeaders,
      json: job,
    },
    202: { description: 'The new job, accepted.', headers: acceptedHeaders, json: job },
  },
  errors: ['job_not_found', 'job_not_settled', ...SUBMISSION_ERRORS],
};

const remove: Endpoint = {
  method: 'delete',
  path: '/v1/jobs/{id}',
  name: 'deleteJob',
  group: 'Jobs',
  summary: 'Delete a settled job',
  takes: { path: jobPath },
  answers: { 200: { description: 'It is gone.', json: deletedJob } },
  errors: ['job_not_found', 'job_not_settled', 'job_in_batch'],
};
