import type { Annotation, ThinkingBlock } from '../../../core/completion.ts';
import type { Delta, ToolCallDelta } from '../../../core/delta.ts';
import type { Fields } from '../../../core/json.ts';
import { sourcesOf, toolUse } from './block.ts';

type Kind = 'text' | 'refusal' | 'thinking' | 'tool';

const TEXT = '{"type":"text_delta","text":';
const THINKING = '{"type":"thinking_delta","thinking":';
const INPUT = '{"type":"input_json_delta","partial_json":';
const END = '}}\n\n';

/** Writes an answer's deltas as the events of content blocks, one open at a time, numbered without gaps. */
export class BlockWriter {
  #open: Kind | null = null;
  #index = -1;
  /** The beginning of the events for the open block. */
  #head = '';
  /** The text of the open block has got its sources: what follows is another block. */
  #cited = false;
  readonly #calls = new Map<number, { readonly index: number; readonly head: string }>();

  /** The events of a delta; none for those that are no content. */
  write(delta: Delta): string {
    switch (delta.type) {
      case 'text':
        return this.#text('text', delta.text);
      case 'reasoning':
        return this.#reasoning(delta.text);
      case 'refusal':
        return this.#text('refusal', delta.text);
      case 'thinking_block':
        return this.#thinkingBlock(delta.block);
      case 'annotation':
        return this.#annotation(delta.annotation);
      case 'tool_call':
        return this.#toolCall(delta);
      default:
        return '';
    }
  }

  /** A block that is whole already. */
  whole(block: Fields): string {
    return this.#begin(null, JSON.stringify(block)) + this.#stop();
  }

  /** Ends the block that is open. */
  end(): string {
    return this.#open === null ? '' : this.#stop();
  }

  #text(kind: 'text' | 'refusal', text: string): string {
    if (text === '') return '';
    const begun = this.#open === kind && !this.#cited ? '' : this.#begin(kind, '{"type":"text","text":""}');
    return `${begun}${this.#head}${TEXT}${JSON.stringify(text)}${END}`;
  }

  #reasoning(text: string): string {
    if (text === '') return '';
    return `${this.#think()}${this.#head}${THINKING}${JSON.stringify(text)}${END}`;
  }

  #think(): string {
    if (this.#open === 'thinking') return '';
    return this.#begin('thinking', '{"type":"thinking","thinking":"","signature":""}');
  }

  /** Signs the thinking that was streamed; one that was not is whole here. */
  #thinkingBlock(block: ThinkingBlock): string {
    if (block.type === 'redacted_thinking') return this.whole({ ...block });
    const told = this.#open === 'thinking' ? '' : this.#reasoning(block.thinking);
    const signature = JSON.stringify({ type: 'signature_delta', signature: block.signature });
    return `${told}${this.#think()}${this.#head}${signature}}\n\n${this.#stop()}`;
  }

  #annotation(annotation: Annotation): string {
    const source = this.#open === 'text' ? sourcesOf(annotation) : null;
    if (source === null) return '';
    this.#cited = true;
    return `${this.#head}${JSON.stringify({ type: 'citations_delta', citation: source.citation })}}\n\n`;
  }

  #toolCall(delta: ToolCallDelta): string {
    const { call, id = '', name = '', arguments: text, provider_specific_fields: specific } = delta;
    let frames = '';
    if (!this.#calls.has(call)) {
      frames = this.#begin('tool', JSON.stringify(toolUse(id, name, specific)));
      this.#calls.set(call, { index: this.#index, head: this.#head });
    }
    if (!text) return frames;
    return `${frames}${this.#calls.get(call)?.head}${INPUT}${JSON.stringify(text)}${END}`;
  }

  #begin(kind: Kind | null, block: string): string {
    const ended = this.end();
    this.#open = kind;
    this.#cited = false;
    this.#index += 1;
    this.#head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":`;
    const data = `{"type":"content_block_start","index":${this.#index},"content_block":${block}}`;
    return `${ended}event: content_block_start\ndata: ${data}\n\n`;
  }

  #stop(): string {
    this.#open = null;
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`;
  }
}
