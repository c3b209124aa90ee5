import { z } from 'zod';
import { modelName } from '../../core/completion.ts';

const block = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(block)]);

const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content,
});

const thinking = z.looseObject({
  type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
  budget_tokens: z.int().min(1024).optional(),
});

const jsonFormat = z.looseObject({ type: z.literal('json_schema'), schema: z.looseObject({}) });

const toolChoice = z.strictObject({
  type: z.enum(['auto', 'any', 'tool', 'none']),
  name: z.string().optional(),
  disable_parallel_tool_use: z.boolean().nullish(),
});

/** What a request to count tokens has as well: all that a model reads. */
const reading = {
  model: modelName,
  messages: z.array(message).min(1),
  system: content.nullish(),
  tools: z.array(z.looseObject({ type: z.string().nullish(), name: z.string().optional() })).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinking.nullish(),
  output_config: z.looseObject({ effort: z.string().nullish(), format: jsonFormat.nullish() }).nullish(),
  output_format: jsonFormat.nullish(),
  cache_control: z.looseObject({}).nullish(),
  context_management: z.looseObject({}).nullish(),
  mcp_servers: z.array(z.looseObject({})).nullish(),
  billing_policy: z.unknown().optional(),
  compaction: z.unknown().optional(),
  speed: z.string().nullish(),
  user_profile_id: z.string().nullish(),
  workspace_id: z.string().nullish(),
  /** Beta features by name; clients send them in the header `anthropic-beta`. */
  anthropic_beta: z.union([z.string(), z.array(z.string())]).nullish(),
};

/**
 * A request of Anthropic's messages, https://platform.claude.com/docs/en/api/messages/create. Closed, as Anthropic's is:
 * fields that it does not have are refused, but for Sluice's own `drop_params` and the scripted provider's `mock_response`.
 */
export const messagesSchema = z.strictObject({
  ...reading,
  max_tokens: z.int().min(1),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  metadata: z.strictObject({ user_id: z.string().max(512).nullish() }).nullish(),
  service_tier: z.enum(['auto', 'standard_only']).nullish(),
  container: z.union([z.string(), z.looseObject({})]).nullish(),
  inference_geo: z.string().nullish(),
  diagnostics: z.looseObject({}).nullish(),
  fallbacks: z.unknown().optional(),
  fallback_credit_token: z.unknown().optional(),
  /** Known, so that `request.ts` can say what clients understand. */
  thread: z.unknown().optional(),
  drop_params: z.boolean().nullish(),
  mock_response: z.unknown().optional(),
});

/** A request to count the tokens of a prompt. */
export const countSchema = z.strictObject(reading);

/** A request of messages, checked. */
export type MessagesRequest = z.infer<typeof messagesSchema>;
/** As much of it as counting needs, which is what a model reads. */
export type CountRequest = z.infer<typeof countSchema>;
/** A turn, a block of its content, and a tool, as the client wrote them. */
export type GivenMessage = MessagesRequest['messages'][number];
export type GivenBlock = z.infer<typeof block>;
export type GivenTool = NonNullable<MessagesRequest['tools']>[number];
