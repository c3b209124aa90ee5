import { z } from 'zod';
import { vendorOf } from '../../error-shape.ts';

/** The `error` object, which records and streams have as well. */
export const errorBody = z.strictObject({
  message: z.string(),
  type: z.string(),
  param: z.string().nullable().meta({ description: 'The field or parameter at fault.' }),
  code: z.string().nullable(),
});

/** An error in OpenAI's shape: what every endpoint answers but Anthropic's. */
const openAiError = z.strictObject({ error: errorBody }).meta({
  id: 'Error',
  example: {
    error: {
      message: "Missing required parameter: 'model'.",
      type: 'invalid_request_error',
      param: 'model',
      code: 'missing_required_parameter',
    },
  },
});

/** An error in Anthropic's shape. */
const anthropicError = z
  .strictObject({
    type: z.literal('error'),
    error: z.looseObject({ type: z.string(), message: z.string() }),
    request_id: z.string().nullable(),
  })
  .meta({ id: 'AnthropicError' });

const SCHEMAS = {
  openai: openAiError,
  anthropic: anthropicError,
  either: z.union([openAiError, anthropicError]),
} as const;

/** The shape that the errors of an endpoint have. */
export function errorSchemaOf(path: string): z.ZodType {
  return SCHEMAS[vendorOf(path)];
}
