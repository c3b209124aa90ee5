/** A parsed `chat.completion.chunk`, or a whole `chat.completion`, as far as a server can be trusted. */
export interface Chunk {
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly system_fingerprint?: unknown;
  readonly service_tier?: unknown;
  /** Groq's, and of those who call Groq for others. */
  readonly x_groq?: { readonly usage?: unknown; readonly error?: unknown } | null;
}

export interface ChunkChoice {
  readonly index?: unknown;
  readonly delta?: ChunkDelta | null;
  readonly message?: ChunkDelta | null;
  readonly logprobs?: { readonly content?: unknown } | null;
  readonly finish_reason?: unknown;
  /** OpenRouter's: what the vendor behind it said. */
  readonly native_finish_reason?: unknown;
  /** Moonshot's. */
  readonly usage?: unknown;
}

export interface ChunkDelta {
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_details?: unknown;
  readonly refusal?: unknown;
  readonly annotations?: unknown;
  readonly images?: unknown;
  readonly audio?: unknown;
  readonly tool_calls?: unknown;
  readonly function_call?: unknown;
}

export interface ToolCallItem {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
  /** Where Google's OpenAI-compatible servers put thought signatures. */
  readonly extra_content?: unknown;
}

/** A part of content that is an array: Mistral's `thinking`, Databricks' `reasoning`, and text. */
export interface ChunkPart {
  readonly text?: unknown;
  readonly thinking?: unknown;
  readonly summary?: unknown;
  /** Mistral's: which results of tools the text before rests on. */
  readonly reference_ids?: unknown;
}
