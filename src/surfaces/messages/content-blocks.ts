import type { Annotation, ThinkingBlock } from '../../core/completion.ts';
import type { Delta, ToolCallDelta } from '../../core/delta.ts';
import type { Fields } from '../../core/json.ts';
import { citationOf, toolUse } from './block.ts';

/** Where content blocks are written to: the events of a stream, or the list of a whole message. */
export interface BlockSink {
  /** A block begins, as it stands before anything was added to it. */
  start(index: number, block: Fields): void;
  text(index: number, text: string): void;
  thinking(index: number, text: string): void;
  signature(index: number, signature: string): void;
  citation(index: number, citation: Fields): void;
  /** A piece of the JSON of a tool's input. */
  input(index: number, json: string): void;
  stop(index: number): void;
}

type Kind = 'text' | 'refusal' | 'thinking' | 'tool' | 'whole';

/** Makes content blocks of deltas: one open at a time, numbered without gaps. Streams and whole messages both come of it. */
export class ContentBlocks {
  readonly #sink: BlockSink;
  #open: Kind | null = null;
  #index = -1;
  /** The text of the open block has got its sources: what follows is another block. */
  #cited = false;
  readonly #calls = new Map<number, number>();

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  /** False before the first block. */
  get begun(): boolean {
    return this.#index >= 0;
  }

  /** Takes the next delta; those that are no content say nothing here. */
  add(delta: Delta): void {
    switch (delta.type) {
      case 'text':
      case 'refusal':
        this.#text(delta.type, delta.text);
        break;
      case 'reasoning':
        this.#reasoning(delta.text);
        break;
      case 'thinking_block':
        this.#thinkingBlock(delta.block);
        break;
      case 'annotation':
        this.#annotation(delta.annotation);
        break;
      case 'tool_call':
        this.#toolCall(delta);
    }
  }

  /** A block that is whole already. */
  addWhole(block: Fields): void {
    this.#begin('whole', block);
    this.end();
  }

  /** Ends the block that is open. */
  end(): void {
    if (this.#open !== null) this.#sink.stop(this.#index);
    this.#open = null;
  }

  #text(kind: 'text' | 'refusal', text: string): void {
    if (text === '') return;
    if (this.#open !== kind || this.#cited) this.#begin(kind, { type: 'text', text: '', citations: null });
    this.#sink.text(this.#index, text);
  }

  #reasoning(text: string): void {
    if (text === '') return;
    this.#think();
    this.#sink.thinking(this.#index, text);
  }

  #think(): void {
    if (this.#open !== 'thinking') this.#begin('thinking', { type: 'thinking', thinking: '', signature: '' });
  }

  /** Signs the thinking that was told before; one that was not is whole here. */
  #thinkingBlock(block: ThinkingBlock): void {
    if (block.type === 'redacted_thinking') {
      this.addWhole({ ...block });
      return;
    }
    if (this.#open !== 'thinking') this.#reasoning(block.thinking);
    this.#think();
    this.#sink.signature(this.#index, block.signature);
    this.end();
  }

  #annotation(annotation: Annotation): void {
    const citation = this.#open === 'text' ? citationOf(annotation) : null;
    if (citation === null) return;
    this.#cited = true;
    this.#sink.citation(this.#index, citation);
  }

  #toolCall({ call, id = '', name = '', arguments: json, provider_specific_fields }: ToolCallDelta): void {
    let index = this.#calls.get(call);
    if (index === undefined) {
      this.#begin('tool', toolUse(id, name, provider_specific_fields));
      index = this.#index;
      this.#calls.set(call, index);
    }
    if (json) this.#sink.input(index, json);
  }

  #begin(kind: Kind, block: Fields): void {
    this.end();
    this.#open = kind;
    this.#cited = false;
    this.#index += 1;
    this.#sink.start(this.#index, block);
  }
}
