import { z } from 'zod';

/** Why a choice ended, in OpenAI's words. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** Token counts as OpenAI reports them; `completion_tokens` includes reasoning tokens. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number; [key: string]: unknown };
  completion_tokens_details?: { reasoning_tokens?: number; [key: string]: unknown };
}

/** One token of `logprobs.content`, in OpenAI's shape. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs: { token: string; logprob: number; bytes: number[] | null }[];
}

export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** A complete `chat.completion`, in OpenAI's shape (`created` in unix seconds). */
export interface Completion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: CompletionChoice[];
  usage?: Usage;
  system_fingerprint?: string;
  service_tier?: string;
}

export interface CompletionChoice {
  index: number;
  message: {
    role: 'assistant';
    content: string | null;
    refusal: string | null;
    reasoning_content?: string;
    tool_calls?: ToolCall[];
  };
  logprobs: { content: TokenLogprob[] } | null;
  finish_reason: FinishReason | null;
}

const contentPart = z.looseObject({ type: z.string() });

/** Of a function, or of a custom tool, which has `custom` in place of `function`. */
const toolCall = z.looseObject({
  id: z.string(),
  type: z.string().optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
});

/** In characters. Names are logged, compared with those of all groups and quoted in errors. */
const LONGEST_MODEL_NAME = 512;

/**
 * An OpenAI chat completion request. What Sluice reads is typed here; everything else passes through to
 * the provider untouched, as it does at OpenAI's own door.
 */
export const completionRequestSchema = z.looseObject({
  model: z.string().min(1).max(LONGEST_MODEL_NAME),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  store: z.boolean().nullish(),
  user: z.string().nullish(),
});

export type CompletionRequest = z.infer<typeof completionRequestSchema>;
