import { z } from 'zod';
import { FILE_PURPOSES } from '../../core/stored-file.ts';
import { oneOf, wholeNumber } from '../query.ts';
import type { Endpoint, FormBody } from './endpoint.ts';
import { pageQuery } from './parameters.ts';
import { deletedFile, expiresAfter, file, fileId, uploadPurpose } from './schemas/file.ts';
import { listOf } from './schemas/list.ts';

const path = z.object({ id: fileId });

/** Files in one answer at most: OpenAI's own bound. */
const LONGEST_PAGE = 10_000;

/** Which files are listed. */
export const fileListQuery = pageQuery('desc', 'a file').extend({
  limit: wholeNumber({ least: 1, most: LONGEST_PAGE, fallback: LONGEST_PAGE }),
  purpose: oneOf(FILE_PURPOSES).optional(),
});

/** The form that a file comes in. */
export const fileForm = {
  file: 'file',
  fields: z.strictObject({ purpose: uploadPurpose, expires_after: expiresAfter.optional() }),
  example: { purpose: 'batch', file: '@requests.jsonl' },
} as const satisfies FormBody;

/** `/v1/files` and what is below it. */
export const fileEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/files',
    name: 'createFile',
    group: 'Files',
    summary: 'Upload a file',
    description:
      'Answers once all of it is kept; before that nobody sees it. For batches its name must end in `.jsonl`, and it ' +
      'is kept for 30 days unless `expires_after` says otherwise; for anything else until it is deleted.',
    takes: { form: fileForm },
    answers: { 200: { description: 'The file.', json: file } },
    errors: ['invalid_request_error'],
  },
  {
    method: 'get',
    path: '/v1/files',
    name: 'listFiles',
    group: 'Files',
    summary: 'List files',
    takes: { query: fileListQuery },
    answers: { 200: { description: 'A page of files.', json: listOf(file) } },
  },
  {
    method: 'get',
    path: '/v1/files/{id}',
    name: 'getFile',
    group: 'Files',
    summary: 'Show a file',
    takes: { path },
    answers: { 200: { description: 'What is known of it.', json: file } },
    errors: ['file_not_found'],
  },
  {
    method: 'delete',
    path: '/v1/files/{id}',
    name: 'deleteFile',
    group: 'Files',
    summary: 'Delete a file',
    takes: { path },
    answers: { 200: { description: 'It is gone.', json: deletedFile } },
    errors: ['file_not_found'],
  },
  {
    method: 'get',
    path: '/v1/files/{id}/content',
    name: 'getFileContent',
    group: 'Files',
    summary: 'Read a file',
    description: 'Its bytes as they were sent. A `Range` of bytes is heeded.',
    takes: {
      path,
      headers: z.object({ Range: z.string().optional().meta({ description: '`bytes=0-999`' }) }),
    },
    answers: {
      200: { description: 'All of it.', other: { type: '*/*', example: '' } },
      206: { description: 'The part asked for.', other: { type: '*/*', example: '' } },
    },
    errors: ['file_not_found', 'invalid_range'],
  },
];
