import { type Framing, type FramingSink, LONGEST_MESSAGE } from './framing.ts';

/**
 * One JSON document: `application/json`. The items of an array are messages, each as soon as it is whole, which
 * is how Gemini streams without `alt=sse`; anything else is a whole answer.
 */
export class JsonFraming implements Framing {
  readonly #sink: FramingSink;
  readonly #utf8 = new TextDecoder();
  readonly #parts: string[] = [];
  #length = 0;
  #kind: 'unknown' | 'array' | 'whole' = 'unknown';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #broken = false;

  constructor(sink: FramingSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array): void {
    this.#take(this.#utf8.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#take(this.#utf8.decode());
    const rest = this.#flush();
    if (this.#broken || rest.trim() === '') return;
    if (this.#kind === 'array') this.#sink.onMessage(rest, null);
    else this.#sink.onWhole(rest);
  }

  #take(text: string): void {
    if (this.#broken) return;
    if (this.#kind === 'unknown') {
      const [first] = text.trimStart();
      if (first === undefined) return;
      this.#kind = first === '[' ? 'array' : 'whole';
    }
    if (this.#kind === 'array') this.#items(text);
    else this.#keep(text);
  }

  /** Cuts at the brackets of the items, which are one level below those of the array. */
  #items(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') {
        this.#inString = true;
      } else if (char === '{' || char === '[') {
        this.#depth += 1;
        if (this.#depth <= 2) from = this.#depth === 1 ? at + 1 : at;
      } else if (char === '}' || char === ']') {
        this.#depth -= 1;
        if (this.#depth === 1) {
          this.#keep(text.slice(from, at + 1));
          this.#sink.onMessage(this.#flush(), null);
        }
        from = this.#depth <= 1 ? at + 1 : from;
      }
    }
    // What stands between items is commas and space.
    if (this.#depth > 1) this.#keep(text.slice(from));
  }

  #keep(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length <= LONGEST_MESSAGE) return;
    this.#broken = true;
    this.#flush();
    this.#sink.onBroken('sent an answer of more than 16 MiB');
  }

  #flush(): string {
    const text = this.#parts.join('');
    this.#parts.length = 0;
    this.#length = 0;
    return text;
  }
}
