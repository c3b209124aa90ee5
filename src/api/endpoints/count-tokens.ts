import { z } from 'zod';
import { countSchema } from '../../surfaces/messages/schema.ts';
import type { Endpoint } from './endpoint.ts';

/** `/v1/messages/count_tokens`. */
export const countTokenEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/messages/count_tokens',
    name: 'countMessageTokens',
    group: 'Completions',
    summary: "Count a message's tokens",
    description: 'An estimate: no provider is asked.',
    takes: {
      body: countSchema.meta({ id: 'CountTokensRequest' }),
      examples: {
        'A message': { model: 'scripted/echo', messages: [{ role: 'user', content: 'Say something.' }] },
      },
    },
    answers: { 200: { description: 'The count.', json: z.strictObject({ input_tokens: z.int() }) } },
    errors: ['model_not_found', 'unsupported_parameter', 'unsupported_value', 'invalid_image_url'],
  },
];
