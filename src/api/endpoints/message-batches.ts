import { z } from 'zod';
import { batchedRequest } from '../message-batch-body.ts';
import { wholeNumber } from '../query.ts';
import type { Endpoint } from './endpoint.ts';
import { submissionHeaders } from './parameters.ts';

const batchId = z.string().meta({
  description: 'The id of a batch.',
  example: 'msgbatch_0198d2b6c3f27a41b6a5d0c1e2f00000',
});
const path = z.object({ id: batchId });
const neighbour = (where: string) =>
  z
    .string({ error: 'expected the id of a batch' })
    .optional()
    .meta({ description: `The id of a batch: the list has those ${where} it.` });

/** Which batches are listed. */
export const messageBatchListQuery = z.object({
  limit: wholeNumber({ least: 1, most: 1000, fallback: 20 }),
  after_id: neighbour('after'),
  before_id: neighbour('before'),
});

const time = z.iso.datetime();
const messageBatch = z
  .strictObject({
    id: batchId,
    type: z.literal('message_batch'),
    processing_status: z.enum(['in_progress', 'canceling', 'ended']),
    request_counts: z.strictObject({
      processing: z.int(),
      succeeded: z.int(),
      errored: z.int(),
      canceled: z.int(),
      expired: z.int(),
    }),
    created_at: time,
    ended_at: time.nullable(),
    expires_at: time,
    cancel_initiated_at: time.nullable(),
    archived_at: time.nullable(),
    results_url: z.string().nullable(),
  })
  .meta({ id: 'MessageBatch' });

const page = z.strictObject({
  data: z.array(messageBatch),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});

const RESULT = '{"custom_id":"my-3","result":{"type":"succeeded","message":{"id":"msg_0198…",…}}}\n';

/** `/v1/messages/batches` and what is below it. */
export const messageBatchEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/messages/batches',
    name: 'createMessageBatch',
    group: 'Batches',
    summary: "Make a batch in Anthropic's words",
    description:
      'The requests are looked at one by one: what is wrong with the params of one is told in its result.',
    takes: {
      headers: submissionHeaders.pick({ 'Idempotency-Key': true }),
      body: z.looseObject({ requests: z.array(batchedRequest).min(1) }).meta({ id: 'MessageBatchRequest' }),
      streamed: true,
      examples: {
        'A batch': {
          requests: [
            {
              custom_id: 'my-1',
              params: {
                model: 'scripted/echo',
                max_tokens: 1024,
                messages: [{ role: 'user', content: 'Say something.' }],
              },
            },
          ],
        },
      },
    },
    answers: { 200: { description: 'The batch, accepted.', json: messageBatch } },
    errors: ['idempotency_key_reused'],
  },
  {
    method: 'get',
    path: '/v1/messages/batches',
    name: 'listMessageBatches',
    group: 'Batches',
    summary: "List Anthropic's batches",
    takes: { query: messageBatchListQuery },
    answers: { 200: { description: 'The newest first.', json: page } },
  },
  {
    method: 'get',
    path: '/v1/messages/batches/{id}',
    name: 'getMessageBatch',
    group: 'Batches',
    summary: "Show one of Anthropic's batches",
    description: 'Its events are below `/v1/batches/{id}`, which takes these ids, too.',
    takes: { path },
    answers: { 200: { description: 'The batch, as it stands.', json: messageBatch } },
    errors: ['batch_not_found'],
  },
  {
    method: 'delete',
    path: '/v1/messages/batches/{id}',
    name: 'deleteMessageBatch',
    group: 'Batches',
    summary: "Delete one of Anthropic's batches",
    description: 'Once it has ended, with its results.',
    takes: { path },
    answers: {
      200: {
        description: 'It is gone.',
        json: z.strictObject({ id: batchId, type: z.literal('message_batch_deleted') }),
      },
    },
    errors: ['batch_not_found', 'batch_not_ended'],
  },
  {
    method: 'post',
    path: '/v1/messages/batches/{id}/cancel',
    name: 'cancelMessageBatch',
    group: 'Batches',
    summary: "Cancel one of Anthropic's batches",
    takes: { path },
    answers: { 200: { description: 'The batch, as it stands.', json: messageBatch } },
    errors: ['batch_not_found'],
  },
  {
    method: 'get',
    path: '/v1/messages/batches/{id}/results',
    name: 'getMessageBatchResults',
    group: 'Batches',
    summary: "Read the results of one of Anthropic's batches",
    takes: { path },
    answers: {
      200: {
        description: 'A result for each request, in no order.',
        other: { type: 'application/x-jsonl', example: RESULT },
      },
    },
    errors: ['batch_not_found', 'file_not_found'],
  },
];
