import type { Fields } from '../../core/json.ts';
import type { BlockSink } from './content-blocks.ts';

/** Content blocks as the events of a stream. Their fixed parts are made once a block: this is the hot path. */
export class BlockEvents implements BlockSink {
  #frames = '';
  #index = -1;
  #head = '';

  /** The events since the last time. */
  take(): string {
    const frames = this.#frames;
    this.#frames = '';
    return frames;
  }

  start(index: number, block: Fields): void {
    const data = `{"type":"content_block_start","index":${index},"content_block":${JSON.stringify(block)}}`;
    this.#frames += `event: content_block_start\ndata: ${data}\n\n`;
  }

  text(index: number, text: string): void {
    this.#add(index, `{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  thinking(index: number, text: string): void {
    this.#add(index, `{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  signature(index: number, signature: string): void {
    this.#add(index, `{"type":"signature_delta","signature":${JSON.stringify(signature)}}`);
  }

  citation(index: number, citation: Fields): void {
    this.#add(index, `{"type":"citations_delta","citation":${JSON.stringify(citation)}}`);
  }

  input(index: number, json: string): void {
    this.#add(index, `{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
  }

  stop(index: number): void {
    this.#frames += `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
  }

  #add(index: number, delta: string): void {
    if (index !== this.#index) {
      this.#index = index;
      this.#head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":`;
    }
    this.#frames += `${this.#head}${delta}}\n\n`;
  }
}
