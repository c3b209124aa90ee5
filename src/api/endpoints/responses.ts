import { z } from 'zod';
import { INCLUDABLE } from '../../surfaces/responses/includable.ts';
import { flag, manyOf, optionalNumber } from '../query.ts';
import type { Endpoint } from './endpoint.ts';
import { jobHeaders, pageQuery } from './parameters.ts';
import { listOf } from './schemas/list.ts';
import { response } from './schemas/response.ts';

const path = z.object({
  id: z
    .string()
    .meta({ description: 'The id of a response.', example: 'resp_0198d2b6c3f27a41b6a5d0c1e2f3a4b5' }),
});

const include = manyOf(INCLUDABLE).meta({
  description:
    'What to show besides: `reasoning.encrypted_content`. The rest is there if the request asked for it.',
});

/** How a response is retrieved. */
export const retrieveQuery = z.object({
  stream: flag().meta({ description: 'Follow it, if it was created with `background: true`.' }),
  include,
  starting_after: optionalNumber({ least: 0, most: 999_999_999 }).meta({
    description: 'The `sequence_number` after which the stream goes on.',
  }),
});

/** A page of a response's input. */
export const inputItemsQuery = pageQuery('desc', 'an item').extend({ include });

/** `/v1/responses/{id}` and what is below it. */
export const responseEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/v1/responses/{id}',
    name: 'getResponse',
    group: 'Completions',
    summary: 'Show a response, or follow it',
    takes: { path, query: retrieveQuery },
    answers: {
      200: {
        description: 'The response as it is now, or its stream from `starting_after` on.',
        headers: jobHeaders.partial(),
        json: response,
        events: 'event: response.created\ndata: {"type":"response.created","sequence_number":0,…}\n\n',
      },
    },
    errors: ['response_not_found', 'unsupported_value'],
  },
  {
    method: 'post',
    path: '/v1/responses/{id}/cancel',
    name: 'cancelResponse',
    group: 'Completions',
    summary: 'Cancel a response in the background',
    takes: { path },
    answers: { 200: { description: 'The response, settled.', json: response } },
    errors: ['response_not_found', 'invalid_request_error'],
  },
  {
    method: 'delete',
    path: '/v1/responses/{id}',
    name: 'deleteResponse',
    group: 'Completions',
    summary: 'Delete a response',
    takes: { path },
    answers: {
      200: {
        description: 'It is gone.',
        json: z.strictObject({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) }),
      },
    },
    errors: ['response_not_found'],
  },
  {
    method: 'get',
    path: '/v1/responses/{id}/input_items',
    name: 'listResponseInputItems',
    group: 'Completions',
    summary: 'List what a response was asked',
    takes: { path, query: inputItemsQuery },
    answers: {
      200: {
        description: 'A page of items.',
        json: listOf(z.looseObject({ id: z.string(), type: z.string() })),
      },
    },
    errors: ['response_not_found'],
  },
];
