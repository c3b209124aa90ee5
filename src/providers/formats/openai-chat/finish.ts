import type { FinishReason } from '../../../core/completion.ts';

const REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries({
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    content_filter: 'content_filter',
    function_call: 'function_call',
    // Mistral, then servers that let another vendor's words through.
    model_length: 'length',
    max_tokens: 'length',
    tool_use: 'tool_calls',
    // Z.ai.
    sensitive: 'content_filter',
    // watsonx.
    time_limit: 'length',
    token_limit: 'length',
  } as const),
);

// The model was stopped from outside: OpenRouter and Mistral, DeepSeek, Z.ai, vLLM and SGLang, watsonx.
const INTERRUPTED: ReadonlySet<string> = new Set([
  'error',
  'insufficient_system_resource',
  'network_error',
  'abort',
  'cancelled',
]);

/**
 * A server's finish reason in OpenAI's words. Words that nobody knows are `stop` (`eos`, `end_turn`, …);
 * null for those that say that the answer was broken off, which must not look like an end.
 */
export function finishOf(native: string): FinishReason | null {
  if (INTERRUPTED.has(native)) return null;
  return REASONS.get(native) ?? 'stop';
}
