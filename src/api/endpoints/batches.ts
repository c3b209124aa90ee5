import { z } from 'zod';
import { JOB_STATUSES } from '../../core/job.ts';
import { manyOf, oneOf, wholeNumber } from '../query.ts';
import type { Endpoint } from './endpoint.ts';
import { submissionHeaders } from './parameters.ts';
import { batch, batchId, batchRequest } from './schemas/batch.ts';
import { listedJob } from './schemas/job.ts';
import { listOf } from './schemas/list.ts';

const path = z.object({ id: batchId });
const limit = wholeNumber({ least: 1, most: 100, fallback: 20 });
const after = (what: string) =>
  z
    .string({ error: `expected the id of ${what}` })
    .optional()
    .meta({ description: `The id of ${what}: the list begins after it.` });

/** Which batches are listed. */
export const batchListQuery = z.object({ limit, after: after('a batch') });

/** Which jobs of a batch are listed. */
export const batchJobQuery = z.object({
  limit,
  status: oneOf(JOB_STATUSES).optional(),
  after: after('a job of the batch'),
});

const offset = z.string({ error: 'expected the id of an event' }).meta({
  description: 'The id of an event: how many lines had finished with it. The stream goes on after it.',
});

/** Where a reader of a batch's events goes on, and what it wants of each line. */
export const batchEventQuery = z.object({
  after: offset.optional(),
  include: manyOf(['result']).meta({ description: '`result`: with the result line of each.' }),
});
const batchEventHeaders = z.object({ 'Last-Event-ID': offset.optional() });

const key = submissionHeaders.pick({ 'Idempotency-Key': true });

const EVENTS = [
  'event: progress\ndata: {"status":"in_progress","request_counts":{"total":1000,…},"lines_per_second":104.2,"eta":6,…}',
  'event: line\nid: 1\ndata: {"line":3,"custom_id":"my-3","status":"completed","job_id":"job_0198…","usage":{…},"cost":{…}}',
  'event: completed\nid: end\ndata: {"id":"batch_0198…","object":"batch",…}',
].join('\n\n');

const LINES = '{"id":"batch_req_0198…","custom_id":"my-3","response":{"status_code":200,…},"error":null}\n';

/** `/v1/batches` and what is below it. */
export const batchEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/batches',
    name: 'createBatch',
    group: 'Batches',
    summary: 'Make a batch',
    description:
      'Of a file whose lines are requests to one endpoint, for one model. The lines are looked at afterwards: a batch ' +
      'whose input is not valid becomes `failed`, and its `errors` say which lines are wrong.',
    takes: {
      headers: key,
      body: batchRequest,
      examples: {
        'A batch': {
          input_file_id: 'file-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
          endpoint: '/v1/chat/completions',
          completion_window: '24h',
        },
        'With all that can be said of it': {
          input_file_id: 'file-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
          endpoint: '/v1/responses',
          completion_window: '24h',
          metadata: { purpose: 'trial' },
          output_expires_after: { anchor: 'created_at', seconds: 86_400 },
          dedupe: true,
        },
      },
    },
    answers: { 200: { description: 'The batch, accepted.', json: batch } },
    errors: ['idempotency_key_reused'],
  },
  {
    method: 'get',
    path: '/v1/batches',
    name: 'listBatches',
    group: 'Batches',
    summary: 'List batches',
    description: 'The newest first.',
    takes: { query: batchListQuery },
    answers: { 200: { description: 'A page of batches.', json: listOf(batch) } },
  },
  {
    method: 'get',
    path: '/v1/batches/{id}',
    name: 'getBatch',
    group: 'Batches',
    summary: 'Show a batch',
    takes: { path },
    answers: { 200: { description: 'The batch, as it stands.', json: batch } },
    errors: ['batch_not_found'],
  },
  {
    method: 'get',
    path: '/v1/batches/{id}/events',
    name: 'getBatchEvents',
    group: 'Batches',
    summary: 'Follow a batch',
    description:
      'Every finished line, in the order in which they finish; progress, at most once a second; and the end. Send the last ' +
      'id as `Last-Event-ID` or `after` to go on: no line is missing, and none comes twice.',
    takes: { path, query: batchEventQuery, headers: batchEventHeaders },
    answers: {
      200: { description: 'The events.', events: EVENTS },
      204: { description: 'Nothing will follow.' },
    },
    errors: ['batch_not_found', 'batch_results_expired', 'invalid_offset'],
  },
  {
    method: 'get',
    path: '/v1/batches/{id}/jobs',
    name: 'listBatchJobs',
    group: 'Batches',
    summary: 'List the jobs of a batch',
    description:
      'Each line is a job of its own. In the order of the input, as far as it has been fed into the queue.',
    takes: { path, query: batchJobQuery },
    answers: { 200: { description: 'A page of jobs.', json: listOf(listedJob) } },
    errors: ['batch_not_found'],
  },
  ...(['output', 'errors'] as const).map(
    (file): Endpoint => ({
      method: 'get',
      path: `/v1/batches/{id}/${file}`,
      name: file === 'output' ? 'getBatchOutput' : 'getBatchErrors',
      group: 'Batches',
      summary: file === 'output' ? 'Read what is completed so far' : 'Read what has failed so far',
      description: 'The lines of the file that there will be at the end, also while the batch runs.',
      takes: { path },
      answers: {
        200: { description: 'Result lines.', other: { type: 'application/jsonl', example: LINES } },
      },
      errors: ['batch_not_found', 'batch_results_expired'],
    }),
  ),
  {
    method: 'post',
    path: '/v1/batches/{id}/cancel',
    name: 'cancelBatch',
    group: 'Batches',
    summary: 'Cancel a batch',
    description: 'What is completed stays. Often is as good as once.',
    takes: { path },
    answers: { 200: { description: 'The batch, as it stands.', json: batch } },
    errors: ['batch_not_found'],
  },
  {
    method: 'post',
    path: '/v1/batches/{id}/retry',
    name: 'retryBatch',
    group: 'Batches',
    summary: 'Run the failed lines again',
    description: 'Those of an ended batch that were not completed, as a batch of their own.',
    takes: { path, headers: key },
    answers: { 200: { description: 'The new batch.', json: batch } },
    errors: [
      'batch_not_found',
      'batch_not_ended',
      'nothing_to_retry',
      'batch_results_expired',
      'idempotency_key_reused',
    ],
  },
];
