import type { TokenLogprob } from '../../../core/completion.ts';
import type { Delta, ToolCallDelta } from '../../../core/delta.ts';
import { type Fields, textIn } from '../../../core/json.ts';
import type { ReasoningTerms } from '../echo.ts';
import type { ItemIds } from '../ids.ts';
import { type Events, prepare } from './events.ts';
import { type PartKind, REASONING, REFUSAL, SUMMARY, TEXT } from './part-kinds.ts';
import { PartStream } from './part-stream.ts';

const ARGUMENTS = prepare('response.function_call_arguments.delta');

/** The last item of the output, where it is no call. */
interface OpenItem {
  readonly kind: 'message' | 'reasoning';
  readonly id: string;
  readonly outputIndex: number;
  /** Parts that it has had. */
  parts: number;
}

/** The output of one attempt, as events. */
export class OutputStream {
  readonly #events: Events;
  readonly #ids: ItemIds;
  readonly #terms: ReasoningTerms;
  /** Where each item stands, by its id. */
  readonly #items = new Map<string, number>();
  /** The part that grows, and its item, which may get more of them. */
  #part: PartStream | null = null;
  #open: OpenItem | null = null;
  readonly #count = { message: 0, reasoning: 0 };
  /** Of each call, its deltas between their number and their text. */
  readonly #calls = new Map<number, string>();

  constructor(events: Events, ids: ItemIds, terms: ReasoningTerms) {
    this.#events = events;
    this.#ids = ids;
    this.#terms = terms;
  }

  /** Whether anything has come out yet. */
  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The events of a delta. What has no place in the output while it grows has none. */
  write(delta: Delta): string {
    if (delta.type === 'usage' || delta.choice !== 0) return '';
    switch (delta.type) {
      case 'text':
        return this.#grow(TEXT, delta.text, delta.logprobs);
      case 'refusal':
        return this.#grow(REFUSAL, delta.text);
      case 'reasoning':
        return this.#grow(this.#terms.asSummary || delta.summary ? SUMMARY : REASONING, delta.text);
      case 'annotation': {
        const begin = this.#enter(TEXT);
        return begin + (this.#part?.annotation(delta.annotation) ?? '');
      }
      case 'tool_call':
        return this.#call(delta);
      default:
        return '';
    }
  }

  /**
   * The last events of all items, in the order in which they were added; `whole`: the items as they have become. Then
   * those that had no events of their own.
   */
  end(whole: readonly Fields[]): { frames: string; output: Fields[] } {
    const added = whole.filter(({ id }) => this.#items.has(textIn(id)));
    const order = ({ id }: Fields): number => this.#items.get(textIn(id)) ?? 0;
    const late = whole.filter(({ id }) => !this.#items.has(textIn(id)));
    const output = [...added.sort((a, b) => order(a) - order(b)), ...late];
    let frames = this.#leave();
    for (const item of output) {
      const id = textIn(item.id);
      if (!this.#items.has(id)) frames += this.#add(id, item);
      if (item.type === 'function_call') frames += this.#endCall(item);
      const output_index = this.#items.get(id);
      frames += this.#events.writeFields('response.output_item.done', { output_index, item });
    }
    return { frames, output };
  }

  #grow(kind: PartKind, text: string, logprobs?: readonly TokenLogprob[]): string {
    // An item that nothing is in has no place among those that the record has.
    if (text === '' && (logprobs === undefined || this.#part?.kind !== kind)) return '';
    const begin = this.#enter(kind);
    return begin + (this.#part?.delta(text, logprobs) ?? '');
  }

  /** Makes a part of this kind the one that grows, and adds its item where another one was the last: see `stretchesOf`. */
  #enter(kind: PartKind): string {
    if (this.#part?.kind === kind) return '';
    let frames = this.#leave();
    const itemKind = kind === TEXT || kind === REFUSAL ? 'message' : 'reasoning';
    if (this.#open?.kind !== itemKind) {
      const id = this.#ids[itemKind](this.#count[itemKind]);
      this.#count[itemKind] += 1;
      this.#open = { id, kind: itemKind, outputIndex: this.#items.size, parts: 0 };
      frames += this.#add(id, itemKind === 'message' ? newMessage(id) : newReasoning(id));
    }
    const { id, outputIndex, parts } = this.#open;
    this.#part = new PartStream(kind, this.#events, { item: id, outputIndex, index: parts });
    this.#open.parts += 1;
    return frames + this.#part.begin();
  }

  #leave(): string {
    const frames = this.#part?.end() ?? '';
    this.#part = null;
    return frames;
  }

  #add(id: string, item: Fields): string {
    const outputIndex = this.#items.size;
    this.#items.set(id, outputIndex);
    return this.#events.writeFields('response.output_item.added', { output_index: outputIndex, item });
  }

  #call(delta: ToolCallDelta): string {
    let frames = '';
    let middle = this.#calls.get(delta.call);
    if (middle === undefined) {
      const id = this.#ids.call(delta.call);
      middle = `,"item_id":${JSON.stringify(id)},"output_index":${this.#items.size},"delta":`;
      this.#calls.set(delta.call, middle);
      const item = {
        id,
        type: 'function_call',
        status: 'in_progress',
        arguments: '',
        call_id: delta.id ?? '',
      };
      frames = this.#leave();
      this.#open = null;
      frames += this.#add(id, { ...item, name: delta.name ?? '' });
    }
    if (delta.arguments === undefined) return frames;
    const fields = middle + JSON.stringify(delta.arguments);
    return frames + this.#events.writePrepared(ARGUMENTS, fields, '}\n\n');
  }

  #endCall({ id, name, arguments: whole }: Fields): string {
    const outputIndex = this.#items.get(textIn(id));
    const fields = { item_id: id, output_index: outputIndex, name, arguments: whole };
    return this.#events.writeFields('response.function_call_arguments.done', fields);
  }
}

function newMessage(id: string): Fields {
  return { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
}

function newReasoning(id: string): Fields {
  return { id, type: 'reasoning', summary: [], content: [], status: 'in_progress' };
}
