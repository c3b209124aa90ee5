import { z } from 'zod';
import { metadata } from '../../surfaces/metadata.ts';
import type { Endpoint } from './endpoint.ts';
import { pageQuery } from './parameters.ts';
import { chatCompletion } from './schemas/completion.ts';
import { listOf } from './schemas/list.ts';

const path = z.object({
  id: z.string().meta({
    description: 'The id of a chat completion.',
    example: 'chatcmpl-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
  }),
});

/** Which stored completions are listed. `routes/stored-filter.ts` reads `metadata`. */
export const storedListQuery = pageQuery('asc', 'a chat completion').extend({
  model: z
    .string({ error: 'expected the name of a model' })
    .optional()
    .meta({ description: 'Only those of this model.' }),
  metadata: z
    .unknown()
    .optional()
    .meta({
      description: 'Only those with all of these pairs: `metadata[key]=value`.',
      param: { style: 'deepObject', explode: true },
      override: { type: 'object', additionalProperties: { type: 'string' } },
    }),
});

/** A page of the messages that a stored completion was asked with. */
export const storedMessagesQuery = pageQuery('asc', 'a message');

/** What can be changed of a stored completion. */
export const storedUpdate = z.strictObject({ metadata: metadata.nullable() });

/** Chat completions that were asked for with `store: true`. */
export const storedCompletionEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/v1/chat/completions',
    name: 'listChatCompletions',
    group: 'Completions',
    summary: 'List stored chat completions',
    takes: { query: storedListQuery },
    answers: { 200: { description: 'A page of them.', json: listOf(chatCompletion) } },
  },
  {
    method: 'get',
    path: '/v1/chat/completions/{id}',
    name: 'getChatCompletion',
    group: 'Completions',
    summary: 'Show a stored chat completion',
    takes: { path },
    answers: { 200: { description: 'It.', json: chatCompletion } },
    errors: ['chat_completion_not_found'],
  },
  {
    method: 'post',
    path: '/v1/chat/completions/{id}',
    name: 'updateChatCompletion',
    group: 'Completions',
    summary: 'Change the metadata of a stored chat completion',
    takes: {
      path,
      body: storedUpdate,
      examples: { 'A pair': { metadata: { purpose: 'trial' } } },
    },
    answers: { 200: { description: 'It, with them.', json: chatCompletion } },
    errors: ['chat_completion_not_found'],
  },
  {
    method: 'delete',
    path: '/v1/chat/completions/{id}',
    name: 'deleteChatCompletion',
    group: 'Completions',
    summary: 'Delete a stored chat completion',
    takes: { path },
    answers: {
      200: {
        description: 'It is gone.',
        json: z.strictObject({
          object: z.literal('chat.completion.deleted'),
          id: z.string(),
          deleted: z.literal(true),
        }),
      },
    },
    errors: ['chat_completion_not_found'],
  },
  {
    method: 'get',
    path: '/v1/chat/completions/{id}/messages',
    name: 'listChatCompletionMessages',
    group: 'Completions',
    summary: 'List what a stored chat completion was asked',
    takes: { path, query: storedMessagesQuery },
    answers: {
      200: {
        description: 'A page of messages.',
        json: listOf(z.looseObject({ id: z.string(), role: z.string() })),
      },
    },
    errors: ['chat_completion_not_found'],
  },
];
