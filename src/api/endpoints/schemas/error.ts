import { z } from 'zod';

/** The `error` object, which records and streams have as well. */
export const errorBody = z.strictObject({
  message: z.string(),
  type: z.string(),
  param: z.string().nullable().meta({ description: 'The field or parameter at fault.' }),
  code: z.string().nullable(),
});

/** An error in OpenAI's shape: what every endpoint answers but Anthropic's. */
export const openAiError = z.strictObject({ error: errorBody }).meta({
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
export const anthropicError = z
  .strictObject({
    type: z.literal('error'),
    error: z.looseObject({ type: z.string(), message: z.string() }),
    request_id: z.string().nullable(),
  })
  .meta({ id: 'AnthropicError' });

/** Whether the endpoint is Anthropic's alone. */
export function speaksAnthropicAt(path: string): boolean {
  return /^\/v1\/messages(\/|$)/.test(path);
}

/** The shape that the errors of an endpoint have. */
export function errorSchemaOf(path: string): z.ZodType {
  if (speaksAnthropicAt(path)) return anthropicError;
  return /^\/v1\/models(\/|$)/.test(path) ? z.union([openAiError, anthropicError]) : openAiError;
}
