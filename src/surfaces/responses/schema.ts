import { z } from 'zod';
import { modelName } from '../../core/completion.ts';
import { metadata } from '../metadata.ts';
import { INCLUDABLE } from './includable.ts';

const loose = z.looseObject({});

/** An item of `input`; `request/input.ts` reads the types and refuses those that it does not know by their place. */
const item = z.looseObject({ type: z.string().nullish(), role: z.string().nullish() });

const format = z.looseObject({
  type: z.enum(['text', 'json_schema', 'json_object']),
  name: z.string().optional(),
  description: z.string().nullish(),
  schema: loose.optional(),
  strict: z.boolean().nullish(),
});

const reasoning = z.looseObject({
  effort: z.string().nullish(),
  summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
  generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
});

/**
 * OpenAI's `POST /v1/responses`. Parameters that nobody knows are refused; those of OpenAI's that Sluice cannot serve
 * are known here, so that `request/parse.ts` can say why.
 */
export const responseRequestSchema = z.strictObject({
  model: modelName,
  input: z.union([z.string(), z.array(item)]).nullish(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
  background: z.boolean().nullish(),
  store: z.boolean().nullish(),
  metadata: metadata.nullish(),
  previous_response_id: z.string().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  text: z.looseObject({ format: format.nullish(), verbosity: z.string().nullish() }).nullish(),
  reasoning: reasoning.nullish(),
  include: z.array(z.enum(INCLUDABLE)).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  service_tier: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.string().nullish(),
  user: z.string().nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  context_management: z.unknown().optional(),
  prompt_cache_options: z.unknown().optional(),
  access_programs: z.unknown().optional(),
  moderation: z.unknown().optional(),
  image: z.unknown().optional(),
  /** The scripted provider's. */
  mock_response: z.unknown().optional(),
  /** LiteLLM's: leave out what the provider does not support, instead of refusing the request. */
  drop_params: z.boolean().nullish(),
});

/** A request of responses, checked. */
export type ResponseRequest = z.infer<typeof responseRequestSchema>;
