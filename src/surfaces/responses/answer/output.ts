import type { Completion, CompletionChoice } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';
import type { ReasoningTerms } from '../echo.ts';
import type { ItemIds } from '../ids.ts';
import { seal } from '../sealed.ts';
import { annotationOf } from './annotations.ts';
import { logprobsOf } from './logprobs.ts';
import { type SaidPart, stretchesOf } from './stretches.ts';

type Message = CompletionChoice['message'];

/** What the output of an answer is written from. */
export interface OutputTerms extends ReasoningTerms {
  readonly ids: ItemIds;
  /** False for an answer that was cut off: its last item is not whole. */
  readonly whole: boolean;
}

/** A completion as output items, in the order in which they came, then the calls of the provider's own tools. */
export function outputOf(completion: Completion | null, terms: OutputTerms): Fields[] {
  const choice = completion?.choices.find(({ index }) => index === 0);
  if (choice === undefined) return [];
  const specific = fieldsOf(choice.message.provider_specific_fields);
  const items = [...saidItems(choice, specific, terms), ...hostedItems(specific, terms.ids)];
  return terms.whole ? items : items.map((item, index) => withStatus(item, index === items.length - 1));
}

function withStatus(item: Fields, isCut: boolean): Fields {
  return isCut && item.status === 'completed' ? { ...item, status: 'incomplete' } : item;
}

function saidItems({ message, logprobs }: CompletionChoice, specific: Fields, terms: OutputTerms): Fields[] {
  const { ids } = terms;
  const asSummary = terms.asSummary || message.reasoning_is_summary === true;
  const tokens = logprobsOf(logprobs?.content ?? []);
  const sealed = terms.sealed ? seal(message, specific) : '';
  let thoughts = 0;
  let messages = 0;
  const items = stretchesOf(message).flatMap((stretch): Fields[] => {
    if (stretch.kind === 'call') return callItem(message, stretch.index, ids);
    if (stretch.kind === 'reasoning') {
      thoughts += 1;
      return [
        reasoningItem(ids.reasoning(thoughts - 1), stretch.text, thoughts === 1 ? sealed : '', asSummary),
      ];
    }
    messages += 1;
    const first = messages === 1;
    const said = first ? { tokens, specific } : { tokens: [], specific: {} };
    return [messageItem(ids.message(messages - 1), stretch.parts, said)];
  });
  const unsaid = messages === 0 && tokens.length > 0;
  if (unsaid) items.push(messageItem(ids.message(0), [SILENCE], { tokens, specific }));
  // What only holds what providers want back is known last, in streams too.
  return thoughts > 0 || sealed === ''
    ? items
    : [...items, reasoningItem(ids.reasoning(0), '', sealed, asSummary)];
}

const SILENCE: SaidPart = { kind: 'text', text: '', annotations: [] };

function reasoningItem(id: string, text: string, sealed: string, asSummary: boolean): Fields {
  const summary = text !== '' && asSummary ? [{ type: 'summary_text', text }] : [];
  const content = text !== '' && !asSummary ? [{ type: 'reasoning_text', text }] : [];
  return {
    id,
    type: 'reasoning',
    summary,
    ...(content.length > 0 && { content }),
    ...(sealed !== '' && { encrypted_content: sealed }),
    status: 'completed',
  };
}

/** What has a place of its own in the output. */
const TOLD: ReadonlySet<string> = new Set(['reasoning_items', 'output_items', 'images', 'phase']);

/** The probabilities of all tokens stand with the first text, as nobody says which of them are where. */
function messageItem(
  id: string,
  parts: readonly SaidPart[],
  { tokens, specific }: { readonly tokens: readonly unknown[]; readonly specific: Fields },
): Fields {
  const firstText = parts.findIndex(({ kind }) => kind === 'text');
  const content = parts.map(({ kind, text, annotations }, index) =>
    kind === 'text'
      ? outputText(text, annotations.map(annotationOf), index === firstText ? tokens : [])
      : { type: 'refusal', refusal: text },
  );
  const others = Object.entries(specific).filter(([name]) => !TOLD.has(name));
  const phase = textIn(specific.phase);
  return {
    id,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content,
    ...(phase !== '' && { phase }),
    ...(others.length > 0 && { provider_specific_fields: Object.fromEntries(others) }),
  };
}

/** A part of a message that is text. */
export function outputText(
  text: string,
  annotations: readonly Fields[],
  logprobs: readonly unknown[],
): Fields {
  return { type: 'output_text', annotations, logprobs, text };
}

function callItem({ tool_calls: calls = [] }: Message, index: number, ids: ItemIds): Fields[] {
  return calls.slice(index, index + 1).map(({ id, function: called, provider_specific_fields: own }) => ({
    id: ids.call(index),
    type: 'function_call',
    status: 'completed',
    arguments: called.arguments,
    call_id: id,
    name: called.name,
    ...(own !== undefined && { provider_specific_fields: own }),
  }));
}

/** The calls of OpenAI's own tools as they came; what they drew has been put aside, and comes back. */
function hostedItems({ output_items: items, images }: Fields, ids: ItemIds): Fields[] {
  const drawn = objectsIn(images).map(({ image_url: image }) => textIn(fieldsOf(image).url).split(',')[1]);
  return objectsIn(items).map((item, index) => {
    const named = { ...item, id: textIn(item.id) || ids.hosted(index) };
    const result = item.type === 'image_generation_call' ? drawn.shift() : undefined;
    return result === undefined ? named : { ...named, result };
  });
}
