import { type Framing, type FramingSink, LONGEST_MESSAGE } from './framing.ts';

/** One JSON value a line: `application/x-ndjson`, as Ollama streams. */
export class NdjsonFraming implements Framing {
  readonly #sink: FramingSink;
  readonly #utf8 = new TextDecoder();
  #pending = '';
  #broken = false;

  constructor(sink: FramingSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array): void {
    this.#take(this.#utf8.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#take(this.#utf8.decode());
    const rest = this.#pending;
    this.#pending = '';
    this.#line(rest);
  }

  #take(text: string): void {
    if (this.#broken) return;
    const last = text.lastIndexOf('\n');
    if (last === -1) {
      this.#pending += text;
    } else {
      const lines = (this.#pending + text.slice(0, last)).split('\n');
      this.#pending = text.slice(last + 1);
      for (const line of lines) this.#line(line);
    }
    if (this.#pending.length > LONGEST_MESSAGE) {
      this.#broken = true;
      this.#pending = '';
      this.#sink.onBroken('sent a line of more than 16 MiB');
    }
  }

  #line(line: string): void {
    if (line.trim() !== '') this.#sink.onMessage(line, null);
  }
}
