import type { Completion, FinishReason, TokenLogprob, Usage } from '../core/completion.ts';
import type { ErrorBody } from '../core/errors.ts';

/** A field that may be left out, or say nothing. */
type Maybe<Value> = Value | null | undefined;

/** A part of a message's content. What is not listed goes to the provider as it is. */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: 'auto' | 'low' | 'high' | undefined } }
  | { type: 'input_audio'; input_audio: { data: string; format: string } }
  | { type: 'file'; file: { file_data?: string; file_id?: string; filename?: string } };

/** A call of a tool that the model made. */
export interface ToolCallParam {
  id: string;
  type?: 'function' | undefined;
  function: { name: string; arguments: string };
  provider_specific_fields?: Record<string, unknown> | undefined;
}

/** A message of a conversation, in OpenAI's shape. */
export type ChatMessage =
  | { role: 'system' | 'developer'; content: string | ContentPart[]; name?: string | undefined }
  | { role: 'user'; content: string | ContentPart[]; name?: string | undefined }
  | {
      role: 'assistant';
      content?: Maybe<string | ContentPart[]>;
      refusal?: Maybe<string>;
      name?: string | undefined;
      tool_calls?: Maybe<ToolCallParam[]>;
      reasoning_content?: Maybe<string>;
      thinking_blocks?: unknown[] | undefined;
      provider_specific_fields?: Record<string, unknown> | undefined;
    }
  | { role: 'tool'; content: string | ContentPart[]; tool_call_id: string }
  | { role: 'function'; content: string | null; name: string };

/** A function that the model may call. `parameters`: JSON Schema. */
export interface FunctionTool {
  type: 'function';
  function: {
    name: string;
    description?: string | undefined;
    parameters?: Record<string, unknown> | undefined;
    strict?: Maybe<boolean>;
  };
}

/**
 * What to ask a model, in the words of OpenAI's chat completions and LiteLLM's `completion()`. Fields that are not listed
 * go into `extra_body`.
 */
export interface ChatRequest {
  /** A model group of the server's, or `provider/model`. */
  model: string;
  messages: readonly ChatMessage[];
  stream_options?: Maybe<{ include_usage?: Maybe<boolean> }>;
  n?: Maybe<number>;
  max_tokens?: Maybe<number>;
  max_completion_tokens?: Maybe<number>;
  reasoning_effort?: Maybe<string>;
  frequency_penalty?: Maybe<number>;
  presence_penalty?: Maybe<number>;
  logit_bias?: Maybe<Record<string, number>>;
  logprobs?: Maybe<boolean>;
  top_logprobs?: Maybe<number>;
  temperature?: Maybe<number>;
  top_p?: Maybe<number>;
  stop?: Maybe<string | readonly string[]>;
  seed?: Maybe<number>;
  tools?: Maybe<readonly FunctionTool[]>;
  tool_choice?: Maybe<'none' | 'auto' | 'required' | { type: 'function'; function: { name: string } }>;
  parallel_tool_calls?: Maybe<boolean>;
  response_format?: Maybe<
    | { type: 'text' | 'json_object' }
    | { type: 'json_schema'; json_schema: { name: string; schema?: object; strict?: Maybe<boolean> } }
  >;
  service_tier?: Maybe<string>;
  user?: Maybe<string>;
  /** Kept beyond the usual time, and listed by `GET /v1/chat/completions`. */
  store?: Maybe<boolean>;
  metadata?: Maybe<Record<string, string>>;
  /** LiteLLM's: leave out what the provider does not support, instead of refusing the request. */
  drop_params?: Maybe<boolean>;
}

/** A whole answer, in OpenAI's shape. */
export type ChatCompletion = Completion;

/** A piece of a tool call. `index` says of which; the first piece has `id` and `name`. */
export interface ToolCallChunk {
  index: number;
  id?: string;
  type?: 'function';
  function: { name?: string; arguments: string };
  provider_specific_fields?: Record<string, unknown>;
}

/** What one chunk adds to a choice. */
export interface ChunkDelta {
  role?: 'assistant';
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string;
  tool_calls?: ToolCallChunk[];
  thinking_blocks?: NonNullable<Completion['choices'][number]['message']['thinking_blocks']>;
  annotations?: NonNullable<Completion['choices'][number]['message']['annotations']>;
  provider_specific_fields?: Record<string, unknown>;
}

/** A choice of a chunk. */
export interface ChunkChoice {
  index: number;
  delta: ChunkDelta;
  logprobs: { content: TokenLogprob[]; refusal: null } | null;
  finish_reason: FinishReason | null;
  native_finish_reason?: string;
}

/** One delta, as OpenAI streams it. */
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  /** Unix seconds. */
  created: number;
  model: string;
  /** Empty in the chunk that has the usage. */
  choices: ChunkChoice[];
  usage?: Usage | null;
  system_fingerprint?: string;
  service_tier?: string;
}

/** Where a job stands. */
export type JobStatus = 'queued' | 'in_progress' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** What something cost, in US dollars. */
export interface CostObject {
  usd: number;
  /** Tokens had to be counted, because the provider sent no usage. */
  estimated: boolean;
}

/** One call to a provider. Times in unix seconds. */
export interface AttemptObject {
  epoch: number;
  provider: string;
  model: string;
  started_at: number;
  finished_at: number | null;
  status: JobStatus | 'lost' | 'handed_over';
  error: ErrorBody | null;
  usage: Usage | null;
  cost: (CostObject & { source: string; price_date?: string }) | null;
}

/** A job, as the server shows it. Times in unix seconds. */
export interface JobObject<Result = ChatCompletion> {
  id: string;
  object: 'job';
  status: JobStatus;
  /** The endpoint whose request it runs. */
  url: string;
  model: string;
  custom_id: string | null;
  metadata: Record<string, string> | null;
  priority: number;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  expires_at: number;
  attempts: AttemptObject[];
  usage: Usage | null;
  /** Of all attempts. Null: unknown, or not settled. */
  cost: CostObject | null;
  finish_reason: FinishReason | null;
  error: ErrorBody | null;
  /** Jobs ahead of it; null once it is not waiting. Lists leave it out. */
  position?: number | null;
  /** In the words of the endpoint; null until it has settled. Lists leave it out. */
  result?: Result | null;
  /** The answer so far, where it was asked for. */
  partial?: Result;
  links: { self: string; events: string; result: string; cancel: string };
}

/** How a job ended: the last event of its log. */
export interface JobOutcome {
  status: Exclude<JobStatus, 'queued' | 'in_progress'>;
  usage: Usage | null;
  finish_reason: FinishReason | null;
  error: ErrorBody | null;
  /** Of the last attempt: its deltas, and the hash of their content. */
  digest: { deltas: number; sha256: string };
  /** Unix seconds. */
  finished_at: number;
}

/** An attempt begins: text starts anew. */
export interface AttemptEvent {
  /** Its number, from 1. */
  epoch: number;
  provider: string;
  model: string;
}

/** An attempt ended, and another one follows. */
export interface RetryEvent {
  epoch: number;
  error: ErrorBody;
  /** Unix seconds, when the next one may begin. */
  at: number;
}

/** What to run: a request to one of the server's endpoints, and how. */
export interface JobRequest<Body = ChatRequest & Record<string, unknown>> {
  /** The request; by default to `/v1/chat/completions`. */
  body: Body;
  url?: string | undefined;
  /** Yours, at most 512 characters. */
  custom_id?: Maybe<string>;
  metadata?: Maybe<Record<string, string>>;
  /** 0 (first) to 2097151. */
  priority?: Maybe<number>;
  /** Seconds before it may start. */
  delay?: Maybe<number>;
  /** Seconds after which it expires if it has not settled. */
  timeout?: Maybe<number>;
  /** Told of its end. */
  webhook?: Maybe<string>;
}
