import { type Fields, objectsIn, textIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import { annotationOf, logprobsOf } from './content.ts';

/** What has been told of one item of the output. */
interface Item {
  readonly number: number;
  /** Where its parts begin in the content, in characters. */
  readonly starts: Map<unknown, number>;
  called: boolean;
  hasText: boolean;
  hasArguments: boolean;
  hasAnnotations: boolean;
  /** Which of the two ways of showing reasoning it came in; servers may send it in both. */
  reasoning: ReasoningKind | null;
}

export type ReasoningKind = 'summary' | 'text';

/** The output of a response, told as one choice: as it streams in, and for the rest as its items are done. */
export class Output {
  readonly #answer: Answer;
  readonly #items = new Map<unknown, Item>();
  /** The content so far, in characters. */
  #length = 0;
  #reasoningPart: string | null = null;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The item that an event is about. */
  at({ output_index, item_id }: Fields): Item {
    const key = output_index ?? item_id;
    const known = this.#items.get(key);
    if (known) return known;
    const item: Item = {
      number: this.#items.size,
      starts: new Map(),
      called: false,
      hasText: false,
      hasArguments: false,
      hasAnnotations: false,
      reasoning: null,
    };
    this.#items.set(key, item);
    return item;
  }

  text(item: Item, part: unknown, text: string, logprobs: unknown): void {
    if (text !== '') item.hasText = true;
    if (!item.starts.has(part)) item.starts.set(part, this.#length);
    for (const _ of text) this.#length += 1;
    this.#answer.text(0, text, logprobsOf(logprobs));
  }

  refusal(item: Item, text: string): void {
    if (text !== '') item.hasText = true;
    this.#answer.refusal(0, text);
  }

  /** The parts of reasoning are paragraphs. */
  reasoning(item: Item, kind: ReasoningKind, part: unknown, text: string): void {
    if (text === '') return;
    item.reasoning ??= kind;
    if (item.reasoning !== kind) return;
    const place = `${item.number}/${part}`;
    const isNext = this.#reasoningPart !== null && this.#reasoningPart !== place;
    this.#reasoningPart = place;
    this.#answer.reasoning(0, isNext ? `\n\n${text}` : text, kind === 'summary');
  }

  annotation(item: Item, part: unknown, value: unknown): void {
    const annotation = annotationOf(value, item.starts.get(part) ?? 0);
    if (annotation === null) return;
    item.hasAnnotations = true;
    this.#answer.annotation(0, annotation);
  }

  arguments(item: Item, text: string): void {
    if (text === '') return;
    item.hasArguments = true;
    this.#answer.toolCall(0, { index: item.number, arguments: text });
  }

  /** A function is called; clients answer by the id of the call, which is not that of the item. */
  call(item: Item, { call_id, id, name }: Fields): void {
    if (item.called) return;
    item.called = true;
    this.#answer.toolCall(0, { index: item.number, id: call_id ?? id, name });
  }

  /** Tells what of a whole item has not been told. */
  finish(item: Item, whole: Fields): void {
    if (whole.type === 'function_call') {
      this.call(item, whole);
      if (!item.hasArguments) this.arguments(item, textIn(whole.arguments));
    } else if (whole.type === 'message') {
      this.#finishMessage(item, objectsIn(whole.content));
    } else if (whole.type === 'reasoning' && item.reasoning === null) {
      for (const [part, { text }] of objectsIn(whole.summary).entries()) {
        this.reasoning(item, 'summary', part, textIn(text));
      }
      for (const [part, { text }] of objectsIn(whole.content).entries()) {
        this.reasoning(item, 'text', part, textIn(text));
      }
    }
  }

  #finishMessage(item: Item, parts: readonly Fields[]): void {
    const { hasText, hasAnnotations } = item;
    for (const [part, { type, text, logprobs, refusal, annotations }] of parts.entries()) {
      if (!hasText && type === 'refusal') this.refusal(item, textIn(refusal));
      else if (!hasText) this.text(item, part, textIn(text), logprobs);
      if (hasAnnotations) continue;
      for (const annotation of objectsIn(annotations)) this.annotation(item, part, annotation);
    }
  }
}
