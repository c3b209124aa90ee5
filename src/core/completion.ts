import { z } from 'zod';
import type { PartOrder } from './part-order.ts';

/** Why a choice ended, in OpenAI's words. */
export const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/** Token counts as OpenAI reports them; `completion_tokens` includes reasoning tokens. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number; [key: string]: unknown };
  completion_tokens_details?: { reasoning_tokens?: number; [key: string]: unknown };
  /** Sluice's own: it counted, because the provider sent no usage or not all of it. */
  estimated?: boolean;
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
  /** What the provider wants back with the call, in LiteLLM's place: Gemini's `thought_signature`. */
  provider_specific_fields?: Record<string, unknown>;
}

/**
 * A stretch of reasoning as its provider wants it back in the next turn, in LiteLLM's (and Anthropic's)
 * shape: signed, or withheld and encrypted.
 */
export type ThinkingBlock =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string };

/**
 * What a piece of the answer rests on, as OpenAI's `annotations`. Offsets count characters of the content.
 * Sources that are not on the web have a `type` of their provider's.
 */
export type Annotation =
  | {
      type: 'url_citation';
      url_citation: {
        url: string;
        title?: string;
        start_index?: number;
        end_index?: number;
        /** Anthropic's own, which its clients want to have: what is cited, and where its search found it. */
        cited_text?: string;
        encrypted_index?: string;
      };
    }
  | { type: Exclude<string, 'url_citation'>; [key: string]: unknown };

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
    /** The reasoning is a summary: its provider shows nothing else. */
    reasoning_is_summary?: true;
    thinking_blocks?: ThinkingBlock[];
    annotations?: Annotation[];
    tool_calls?: ToolCall[];
    /** The order in which the parts came, where it is not the usual one. */
    part_order?: PartOrder;
    /** What else the provider said of its answer, under its own names; LiteLLM's field. */
    provider_specific_fields?: Record<string, unknown>;
  };
  /** Clients' types promise `refusal`, too; no provider's probabilities of a refusal are kept. */
  logprobs: { content: TokenLogprob[]; refusal: null } | null;
  finish_reason: FinishReason | null;
  /** The provider's own word where it is another one; OpenRouter's field. */
  native_finish_reason?: string;
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
export const LONGEST_MODEL_NAME = 512;

/** The model that a request asks for. */
export const modelName = z.string().min(1).max(LONGEST_MODEL_NAME);

/**
 * An OpenAI chat completion request. What Sluice reads is typed here; everything else passes through to
 * the provider untouched, as it does at OpenAI's own door.
 */
export const completionRequestSchema = z.looseObject({
  model: modelName,
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  reasoning_effort: z.string().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  store: z.boolean().nullish(),
  user: z.string().nullish(),
  /**
   * What a request in Anthropic's words says that OpenAI has no word for (`thinking`, `output_config`, …), under
   * Anthropic's names: for providers that understand them, and translated for those that do not.
   */
  anthropic: z.looseObject({}).nullish(),
  /** LiteLLM's: leave out what the provider does not support, instead of refusing the request. */
  drop_params: z.boolean().nullish(),
});

/** One message of a request. */
export type RequestMessage = z.infer<typeof message>;

/** A part of a message's content, where that is more than text. */
export type MessagePart = z.infer<typeof contentPart>;

/** A call that the model made before, as requests repeat it. */
export type RequestToolCall = z.infer<typeof toolCall>;

/** A tool that the model may call. */
export type RequestTool = NonNullable<CompletionRequest['tools']>[number];

/** A request for a completion, checked. */
export type CompletionRequest = z.infer<typeof completionRequestSchema>;
