import { z } from 'zod';
import type { Endpoint, FormBody } from './endpoint.ts';
import { expiresAfter, upload, uploadPart, uploadPurpose } from './schemas/file.ts';

const path = z.object({
  id: z
    .string()
    .meta({ description: 'The id of an upload.', example: 'upload_0198d2b6c3f27a41b6a5d0c1e2f3a4b5' }),
});

/** Bytes of the largest upload: OpenAI's own bound. `limits` may have a lower one. */
const LARGEST = 8 * 1024 ** 3;

/** How an upload begins. */
export const uploadRequest = z.strictObject({
  filename: z.string().min(1).max(255),
  purpose: uploadPurpose,
  bytes: z.int().min(1).max(LARGEST),
  mime_type: z.string().min(1).max(255),
  expires_after: expiresAfter.nullish(),
});

/** The form that a part comes in. */
export const partForm = {
  file: 'data',
  fields: z.strictObject({}),
  example: { data: '@part-1' },
} as const satisfies FormBody;

/** How an upload ends. */
export const completeRequest = z.strictObject({
  part_ids: z.array(z.string()).min(1).max(10_000),
  md5: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, { error: 'must be 32 hexadecimal digits' })
    .nullish(),
});

/** `/v1/uploads` and what is below it. */
export const uploadEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/uploads',
    name: 'createUpload',
    group: 'Files',
    summary: 'Begin a file that comes in parts',
    description: 'It has to be completed within an hour.',
    takes: {
      body: uploadRequest,
      examples: {
        'Of two parts': {
          filename: 'requests.jsonl',
          purpose: 'batch',
          bytes: 100_000_000,
          mime_type: 'application/jsonl',
        },
      },
    },
    answers: { 200: { description: 'The upload.', json: upload } },
    errors: ['invalid_request_error'],
  },
  {
    method: 'post',
    path: '/v1/uploads/{id}/parts',
    name: 'addUploadPart',
    group: 'Files',
    summary: 'Send a part',
    description: 'Of up to 64 MB. Parts may be sent in any order, and at the same time.',
    takes: { path, form: partForm },
    answers: { 200: { description: 'The part.', json: uploadPart } },
    errors: ['upload_not_found', 'upload_not_pending'],
  },
  {
    method: 'post',
    path: '/v1/uploads/{id}/complete',
    name: 'completeUpload',
    group: 'Files',
    summary: 'Make a file of the parts',
    description:
      'In the order given. Together they must have the bytes that the upload began with. Asked again, it answers the ' +
      'same file.',
    takes: { path, body: completeRequest, examples: { 'Two parts': { part_ids: ['part_a', 'part_b'] } } },
    answers: { 200: { description: 'The upload, with its file.', json: upload } },
    errors: ['upload_not_found', 'upload_not_pending'],
  },
  {
    method: 'post',
    path: '/v1/uploads/{id}/cancel',
    name: 'cancelUpload',
    group: 'Files',
    summary: 'Give an upload up',
    takes: { path },
    answers: { 200: { description: 'The upload.', json: upload } },
    errors: ['upload_not_found', 'upload_not_pending'],
  },
];
