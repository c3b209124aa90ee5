import { z } from 'zod';
import { wholeNumber } from '../query.ts';
import type { Endpoint } from './endpoint.ts';

const model = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    owned_by: z.string(),
  })
  .meta({ id: 'Model' });

const anthropicModel = z
  .strictObject({
    type: z.literal('model'),
    id: z.string(),
    display_name: z.string(),
    created_at: z.string(),
    capabilities: z.null(),
    deprecated_at: z.null(),
    lifecycle: z.literal('active'),
    line: z.null(),
    max_input_tokens: z.null(),
    max_tokens: z.null(),
    retires_at: z.null(),
  })
  .meta({ id: 'AnthropicModel' });

const anthropicPage = z.strictObject({
  data: z.array(anthropicModel),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});

const headers = z.object({
  'anthropic-version': z
    .string()
    .optional()
    .meta({ description: 'With it, the answer has Anthropic’s shape.' }),
});

const modelId = z.string({ error: 'expected the id of a model' });

/** A page of models, as Anthropic's clients ask for it. */
export const anthropicModelsQuery = z.object({
  limit: wholeNumber({ least: 1, most: 1000, fallback: 20 }).meta({
    description: 'Anthropic’s; OpenAI’s list is whole.',
  }),
  after_id: modelId.optional(),
  before_id: modelId.optional(),
});

/** `/v1/models` and what is below it. */
export const modelEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/v1/models',
    name: 'listModels',
    group: 'Models',
    summary: 'List models',
    description: 'A name that ends in `/*` stands for every model below it.',
    takes: { headers, query: anthropicModelsQuery },
    answers: {
      200: {
        description: 'The models that can be asked for.',
        json: z.union([z.strictObject({ object: z.literal('list'), data: z.array(model) }), anthropicPage]),
      },
    },
  },
  {
    method: 'get',
    path: '/v1/models/{model}',
    slashes: 'model',
    name: 'getModel',
    group: 'Models',
    summary: 'Show a model',
    description: 'Slashes in its name may be written as they are.',
    takes: {
      headers,
      path: z.object({
        model: z.string().min(1).meta({ description: 'The name of a model.', example: 'scripted/echo' }),
      }),
    },
    answers: { 200: { description: 'The model.', json: z.union([model, anthropicModel]) } },
    errors: ['invalid_value', 'model_not_found'],
  },
];
