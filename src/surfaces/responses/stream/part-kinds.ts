import type { Fields } from '../../../core/json.ts';
import { outputText } from '../answer/output.ts';

/** How a part of an item is streamed: what its events are called, and where its place and its text are in them. */
export interface PartKind {
  readonly added: string;
  readonly delta: string;
  readonly textDone: string;
  readonly done: string;
  readonly place: 'content_index' | 'summary_index';
  readonly text: 'text' | 'refusal';
  /** Its deltas may have the probabilities of their tokens, and must have a list for them. */
  readonly logprobs: boolean;
  /** The part as items have it. */
  readonly write: (text: string, annotations: readonly Fields[], logprobs: readonly unknown[]) => Fields;
}

const CONTENT = {
  added: 'response.content_part.added',
  done: 'response.content_part.done',
  place: 'content_index',
} as const;

/** What the model says. */
export const TEXT: PartKind = {
  ...CONTENT,
  delta: 'response.output_text.delta',
  textDone: 'response.output_text.done',
  text: 'text',
  logprobs: true,
  write: outputText,
};

/** What it will not say. */
export const REFUSAL: PartKind = {
  ...CONTENT,
  delta: 'response.refusal.delta',
  textDone: 'response.refusal.done',
  text: 'refusal',
  logprobs: false,
  write: (refusal) => ({ type: 'refusal', refusal }),
};

/** What it thinks. */
export const REASONING: PartKind = {
  ...CONTENT,
  delta: 'response.reasoning_text.delta',
  textDone: 'response.reasoning_text.done',
  text: 'text',
  logprobs: false,
  write: (text) => ({ type: 'reasoning_text', text }),
};

/** What it thinks, summed up by its provider. */
export const SUMMARY: PartKind = {
  added: 'response.reasoning_summary_part.added',
  delta: 'response.reasoning_summary_text.delta',
  textDone: 'response.reasoning_summary_text.done',
  done: 'response.reasoning_summary_part.done',
  place: 'summary_index',
  text: 'text',
  logprobs: false,
  write: (text) => ({ type: 'summary_text', text }),
};
