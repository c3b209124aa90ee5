import type { Completion, CompletionChoice } from '../../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../../core/json.ts';
import type { ReasoningTerms } from '../echo.ts';
import type { ItemIds } from '../ids.ts';
import { seal } from '../sealed.ts';
import { annotationOf } from './annotations.ts';
import { logprobsOf } from './logprobs.ts';

type Message = CompletionChoice['message'];

/** What the output of an answer is written from. */
export interface OutputTerms extends ReasoningTerms {
  readonly ids: ItemIds;
  /** False for an answer that was cut off: its last item is not whole. */
  readonly whole: boolean;
}

/** A completion as output items: what the model thought, said, and called, then the calls of the provider's own tools. */
export function outputOf(completion: Completion | null, terms: OutputTerms): Fields[] {
  const choice = completion?.choices.find(({ index }) => index === 0);
  if (choice === undefined) return [];
  const specific = fieldsOf(choice.message.provider_specific_fields);
  const thought = reasoningItem(choice.message, specific, terms);
  // What only holds what providers want back is known last, in streams too.
  const shown = textIn(choice.message.reasoning_content) !== '';
  const items = [
    ...(shown ? thought : []),
    ...messageItem(choice, specific, terms.ids),
    ...callItems(choice.message, terms.ids),
    ...(shown ? [] : thought),
    ...hostedItems(specific, terms.ids),
  ];
  return terms.whole ? items : items.map((item, index) => withStatus(item, index === items.length - 1));
}

function withStatus(item: Fields, isCut: boolean): Fields {
  return isCut && item.status === 'completed' ? { ...item, status: 'incomplete' } : item;
}

function reasoningItem(message: Message, specific: Fields, terms: OutputTerms): Fields[] {
  const text = textIn(message.reasoning_content);
  const sealed = terms.sealed ? seal(message, specific) : '';
  if (text === '' && sealed === '') return [];
  const summary = text !== '' && terms.asSummary ? [{ type: 'summary_text', text }] : [];
  const content = text !== '' && !terms.asSummary ? [{ type: 'reasoning_text', text }] : [];
  return [
    {
      id: terms.ids.reasoning,
      type: 'reasoning',
      summary,
      ...(content.length > 0 && { content }),
      ...(sealed !== '' && { encrypted_content: sealed }),
      status: 'completed',
    },
  ];
}

/** What has a place of its own in the output. */
const TOLD: ReadonlySet<string> = new Set(['reasoning_items', 'output_items', 'images', 'phase']);

function messageItem({ message, logprobs }: CompletionChoice, specific: Fields, ids: ItemIds): Fields[] {
  const { content, refusal, annotations = [] } = message;
  const tokens = logprobs?.content ?? [];
  const hasText = (content ?? '').length + annotations.length + tokens.length > 0;
  const text = outputText(content ?? '', annotations.map(annotationOf), logprobsOf(tokens));
  const said = [...(hasText ? [text] : []), ...(refusal ? [{ type: 'refusal', refusal }] : [])];
  if (said.length === 0) return [];
  const others = Object.entries(specific).filter(([name]) => !TOLD.has(name));
  const phase = textIn(specific.phase);
  return [
    {
      id: ids.message,
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: said,
      ...(phase !== '' && { phase }),
      ...(others.length > 0 && { provider_specific_fields: Object.fromEntries(others) }),
    },
  ];
}

/** A part of a message that is text. */
export function outputText(
  text: string,
  annotations: readonly Fields[],
  logprobs: readonly unknown[],
): Fields {
  return { type: 'output_text', annotations, logprobs, text };
}

function callItems(message: Message, ids: ItemIds): Fields[] {
  return (message.tool_calls ?? []).map(({ id, function: called, provider_specific_fields: own }, index) => ({
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
