import type { Annotation, FinishReason, ThinkingBlock, TokenLogprob, Usage } from './completion.ts';

/**
 * The canonical unit of streamed output. Providers yield deltas, the log stores them, surfaces write
 * each one as exactly one chunk. `choice` is OpenAI's `choices[].index` (0 unless the request set `n`).
 */
export type Delta =
  | StartDelta
  | TextDelta
  | ReasoningDelta
  | { readonly type: 'refusal'; readonly choice: number; readonly text: string }
  /** Closes a stretch of reasoning that was streamed before, or stands for one that is withheld. */
  | { readonly type: 'thinking_block'; readonly choice: number; readonly block: ThinkingBlock }
  | { readonly type: 'annotation'; readonly choice: number; readonly annotation: Annotation }
  | ToolCallDelta
  | ProviderSpecificDelta
  | { readonly type: 'usage'; readonly usage: Usage }
  | FinishDelta;

/** A choice begins. The first delta of every choice; carries what the provider says of itself once. */
export interface StartDelta {
  readonly type: 'start';
  readonly choice: number;
  readonly system_fingerprint?: string;
  readonly service_tier?: string;
}

export interface TextDelta {
  readonly type: 'text';
  readonly choice: number;
  readonly text: string;
  readonly logprobs?: readonly TokenLogprob[];
}

/** A piece of what the model thought; `summary`: of what its provider says of that, which is all that it shows. */
export interface ReasoningDelta {
  readonly type: 'reasoning';
  readonly choice: number;
  readonly text: string;
  readonly summary?: true;
}

/** A fragment of a tool call. `call` is its index within the choice; the first fragment has `id` and `name`. */
export interface ToolCallDelta {
  readonly type: 'tool_call';
  readonly choice: number;
  readonly call: number;
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly provider_specific_fields?: Readonly<Record<string, unknown>>;
}

/** What else the provider says of its answer. A field that comes again takes the place of the earlier one. */
export interface ProviderSpecificDelta {
  readonly type: 'provider_specific';
  readonly choice: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A choice ends. `native` is the provider's own word where it differs from OpenAI's. */
export interface FinishDelta {
  readonly type: 'finish';
  readonly choice: number;
  readonly reason: FinishReason;
  readonly native?: string;
}

/**
 * Deltas as one log entry holds them: a JSON array in which plain text of choice 0, nearly all of any
 * stream, is a bare string. A third of the bytes of the spelled-out form, and of the time to parse it.
 */
export function encodeDeltas(deltas: readonly Delta[]): string {
  return JSON.stringify(deltas.map(compact));
}

function compact(delta: Delta): Delta | string {
  return delta.type === 'text' && delta.choice === 0 && delta.logprobs === undefined ? delta.text : delta;
}

/** The inverse of {@link encodeDeltas}. */
export function decodeDeltas(payload: string): Delta[] {
  const items = JSON.parse(payload) as (Delta | string)[];
  return items.map((item) => (typeof item === 'string' ? { type: 'text', choice: 0, text: item } : item));
}

/** What a delta weighs besides its text. */
const OVERHEAD = 16;

/** About how many bytes a delta takes in the log. */
export function weigh(delta: Delta): number {
  if (delta.type === 'tool_call') return OVERHEAD + (delta.arguments?.length ?? 0);
  if (!('text' in delta)) return OVERHEAD;
  const { length } = delta.text;
  const logprobs = delta.type === 'text' && delta.logprobs ? JSON.stringify(delta.logprobs).length : 0;
  return OVERHEAD + length + logprobs;
}
