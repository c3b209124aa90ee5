import type { CompletionRequest } from '../../core/completion.ts';
import { type Fields, isFields, presentIn } from '../../core/json.ts';
import { refuse } from '../refuse.ts';
import { conversationOf } from './conversation.ts';
import type { CountRequest, MessagesRequest } from './schema.ts';
import { toolChoiceOf, toolsOf } from './tools.ts';

/**
 * A request of Anthropic's messages in canonical terms. What OpenAI has no word for goes into `anthropic`: providers that
 * understand it find it there, for others it is translated when the provider is known.
 *
 * @throws {SluiceError} naming what cannot be taken.
 */
export function completionRequest(body: MessagesRequest): CompletionRequest {
  const { max_tokens, stream, stop_sequences, temperature, top_p, top_k, metadata, service_tier } = body;
  const { container, inference_geo, diagnostics, drop_params, mock_response } = body;
  const { fallbacks, fallback_credit_token } = body;
  refuseThread(body);
  const prompt = promptRequest(body);
  return {
    ...prompt,
    anthropic: {
      ...prompt.anthropic,
      ...presentIn({ container, inference_geo, diagnostics, fallbacks, fallback_credit_token }),
    },
    max_tokens,
    ...presentIn({ stream, stop: stop_sequences, temperature, top_p, top_k, user: metadata?.user_id }),
    ...presentIn({ drop_params, mock_response }),
    ...(service_tier && { service_tier: service_tier === 'auto' ? 'auto' : 'default' }),
  };
}

/** A conversation that the server holds. Anthropic's tool runners ask for one, and go on without where there is none. */
function refuseThread({ thread }: MessagesRequest): void {
  if (thread === undefined || thread === null) return;
  const message = 'Conversations are not held between turns: send all messages, and no thread.';
  refuse('thread_unsupported_request', message, 'thread');
}

/** As much of it as a model reads, and so as much as is counted. */
export function promptRequest(body: CountRequest): CompletionRequest {
  const { model, tools, tool_choice, thinking, output_config, output_format } = body;
  const { cache_control, context_management, mcp_servers, speed, user_profile_id, workspace_id } = body;
  const { billing_policy, compaction } = body;
  const { format = output_format, ...config } = output_config ?? {};
  return {
    model,
    messages: conversationOf(body),
    ...(tools && tools.length > 0 && { tools: toolsOf(tools) }),
    ...toolChoiceOf(tool_choice),
    ...(format && { response_format: responseFormat(format.schema) }),
    anthropic: {
      ...presentIn({ thinking, output_config: Object.keys(config).length > 0 ? config : null }),
      ...presentIn({ cache_control, context_management, mcp_servers, user_profile_id, workspace_id }),
      ...presentIn({ billing_policy, compaction }),
      ...presentIn({ anthropic_beta: body.anthropic_beta, speed: speed === 'standard' ? null : speed }),
    },
  };
}

/** OpenAI's formats have names, which Anthropic's do not, and are strict only where every field must be there. */
function responseFormat(schema: Fields): CompletionRequest['response_format'] {
  const strict = requiresAll(schema) && { strict: true };
  return { type: 'json_schema', json_schema: { name: 'answer', schema, ...strict } };
}

function requiresAll(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(requiresAll);
  if (!isFields(schema)) return true;
  const { properties, required, additionalProperties } = schema;
  if (isFields(properties)) {
    const must: readonly unknown[] = Array.isArray(required) ? required : [];
    if (additionalProperties !== false) return false;
    if (!Object.keys(properties).every((name) => must.includes(name))) return false;
  }
  return Object.values(schema).every(requiresAll);
}
