import { type Fields, fieldsOrNull } from '../../core/json.ts';
import type { PreparedRequest } from './prepared-request.ts';

/** What form an answer must have: any JSON object, or what a JSON schema says. */
export type AnswerShape = { readonly type: 'object' } | { readonly type: 'schema'; readonly schema: Fields };

/** OpenAI's `response_format`; null for text. Refuses others, and schemas that are missing. */
export function readResponseFormat({ fields, refuse }: PreparedRequest): AnswerShape | null {
  const format = fields.response_format;
  if (!format || format.type === 'text') return null;
  // Cohere's own place for a schema, and LiteLLM's.
  const own = fieldsOrNull(format.schema) ?? fieldsOrNull(format.response_schema);
  if (format.type === 'json_object') return own ? { type: 'schema', schema: own } : { type: 'object' };
  const schema =
    format.type === 'json_schema' ? fieldsOrNull(fieldsOrNull(format.json_schema)?.schema) : null;
  if (schema) return { type: 'schema', schema };
  refuse('response_format', "it must be 'text', 'json_object', or 'json_schema' with a schema");
  return null;
}
