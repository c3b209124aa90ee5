import { z } from 'zod';
import { BATCH_STATUSES, LINE_STATUSES } from '../../../core/batch.ts';
import { metadata } from '../../../surfaces/metadata.ts';
import { SURFACES } from '../../../surfaces/registry.ts';
import { expiresAfter } from './file.ts';
import { jobId } from './job.ts';

const seconds = z.int().meta({ description: 'Unix seconds.' }).nullable();

/** Of a batch, in paths. */
export const batchId = z.string().meta({
  description: 'The id of a batch.',
  example: 'batch_0198d2b6c3f27a41b6a5d0c1e2f00000',
});

/** The endpoints whose requests a batch can have. */
export const batchEndpoint = z.enum(SURFACES.map(({ url }) => url));

/** The body of `POST /v1/batches`. */
export const batchRequest = z.strictObject({
  input_file_id: z.string().min(1),
  endpoint: batchEndpoint,
  completion_window: z.enum(['24h']),
  metadata: metadata.nullish(),
  output_expires_after: expiresAfter.nullish(),
  dedupe: z
    .boolean()
    .nullish()
    .meta({ description: 'Lines with the same body are computed once; each gets its own result line.' }),
  webhook: z
    .url({ protocol: /^https?$/, error: 'it is no http or https URL' })
    .max(2048)
    .nullish()
    .meta({ description: 'Told of the end, as the registered endpoints are.' }),
});

const counts = z.strictObject({
  total: z.int(),
  completed: z.int(),
  failed: z.int().meta({ description: 'Everything in the error file.' }),
  cancelled: z.int().meta({ description: 'Of those: cancelled.' }),
  expired: z.int().meta({ description: 'Of those: not run in time.' }),
});

const cost = z.strictObject({
  usd: z.number(),
  unpriced: z.int().meta({ description: 'Finished lines whose cost nobody knows.' }),
});

const PATH = '/v1/batches/batch_0198d2b6c3f27a41b6a5d0c1e2f00000';

/** A batch. `routes/write-batch.ts` writes it. */
export const batch = z
  .strictObject({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: z.string(),
    model: z.string().nullable(),
    errors: z
      .strictObject({
        object: z.literal('list'),
        data: z.array(
          z.strictObject({
            code: z.string(),
            message: z.string(),
            param: z.string().nullable(),
            line: z.int().nullable().meta({ description: 'Counts from 1.' }),
          }),
        ),
      })
      .nullable()
      .meta({ description: 'What is wrong with the input of a batch that failed.' }),
    input_file_id: z.string(),
    completion_window: z.literal('24h'),
    status: z.enum(BATCH_STATUSES),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: seconds,
    in_progress_at: seconds,
    expires_at: seconds,
    finalizing_at: seconds,
    completed_at: seconds,
    failed_at: seconds,
    expired_at: seconds,
    cancelling_at: seconds,
    cancelled_at: seconds,
    request_counts: counts,
    usage: z.strictObject({
      input_tokens: z.int(),
      input_tokens_details: z.strictObject({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    }),
    metadata: z.record(z.string(), z.string()).nullable(),
    cost,
    dedupe: z.boolean(),
    retry_of: z
      .string()
      .nullable()
      .meta({ description: 'The batch whose unfinished lines this one runs again.' }),
    links: z.record(z.string(), z.string()),
  })
  .meta({
    id: 'Batch',
    example: {
      id: 'batch_0198d2b6c3f27a41b6a5d0c1e2f00000',
      object: 'batch',
      endpoint: '/v1/chat/completions',
      model: 'scripted/echo',
      errors: null,
      input_file_id: 'file-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
      completion_window: '24h',
      status: 'in_progress',
      output_file_id: null,
      error_file_id: null,
      created_at: 1_793_675_183,
      in_progress_at: 1_793_675_184,
      expires_at: 1_793_761_583,
      finalizing_at: null,
      completed_at: null,
      failed_at: null,
      expired_at: null,
      cancelling_at: null,
      cancelled_at: null,
      request_counts: { total: 1000, completed: 417, failed: 3, cancelled: 0, expired: 0 },
      usage: {
        input_tokens: 52_000,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 61_000,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 113_000,
      },
      metadata: null,
      cost: { usd: 0, unpriced: 0 },
      dedupe: false,
      retry_of: null,
      links: { self: PATH, events: `${PATH}/events`, cancel: `${PATH}/cancel` },
    },
  });

/** A finished line, as the events of its batch tell of it. `stream-batch.ts` writes it. */
export const finishedLine = z.strictObject({
  line: z.int(),
  custom_id: z.string(),
  status: z.enum(LINE_STATUSES),
  job_id: jobId.nullable(),
  usage: z.looseObject({}).nullable(),
  cost: z.strictObject({ usd: z.number(), estimated: z.boolean() }).nullable(),
  result: z.looseObject({}).optional(),
});
