import type { Annotation, CompletionChoice } from '../../../core/completion.ts';
import { partOrder } from '../../../core/unfold.ts';

/** A part of a message: a text and what it rests on, or a refusal. */
export interface SaidPart {
  readonly kind: 'text' | 'refusal';
  text: string;
  readonly annotations: Annotation[];
}

/** What becomes one item of the output. */
export type Stretch =
  | { readonly kind: 'reasoning'; text: string }
  | { readonly kind: 'message'; readonly parts: SaidPart[] }
  | { readonly kind: 'call'; readonly index: number };

/**
 * An answer in the order in which it came, an item each: a message or reasoning ends where something else begins. A stream
 * makes its items by the same rule.
 */
export function stretchesOf(message: CompletionChoice['message']): Stretch[] {
  const { reasoning_content: thought = '', refusal, content, annotations = [] } = message;
  const stretches: Stretch[] = [];
  const taken = { reasoning: 0, thinking_block: 0, text: 0, refusal: 0, annotation: 0, tool_call: 0 };
  for (const [kind, length] of partOrder(message)) {
    const from = taken[kind];
    const to = from + length;
    taken[kind] = to;
    if (length === 0 || kind === 'thinking_block') continue;
    if (kind === 'reasoning') lastReasoning(stretches).text += thought.slice(from, to);
    else if (kind === 'text') lastPart(stretches, 'text').text += content?.slice(from, to);
    else if (kind === 'refusal') lastPart(stretches, 'refusal').text += refusal?.slice(from, to);
    else if (kind === 'annotation')
      lastPart(stretches, 'text').annotations.push(...annotations.slice(from, to));
    else for (let index = from; index < to; index += 1) stretches.push({ kind: 'call', index });
  }
  return stretches;
}

/** The reasoning that ends the stretches so far, which may only begin now. */
function lastReasoning(stretches: Stretch[]): { text: string } {
  const last = stretches.at(-1);
  if (last?.kind === 'reasoning') return last;
  const begun: Stretch = { kind: 'reasoning', text: '' };
  stretches.push(begun);
  return begun;
}

/** The part that ends the stretches so far, which may only begin now. */
function lastPart(stretches: Stretch[], kind: SaidPart['kind']): SaidPart {
  const last = stretches.at(-1);
  const parts = last?.kind === 'message' ? last.parts : [];
  if (last?.kind !== 'message') stretches.push({ kind: 'message', parts });
  const open = parts.at(-1);
  if (open?.kind === kind) return open;
  const begun: SaidPart = { kind, text: '', annotations: [] };
  parts.push(begun);
  return begun;
}
