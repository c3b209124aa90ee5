import { type Fields, fieldsOf } from '../../../core/json.ts';

/** What a model says aloud, put together again: its bytes come in pieces, each of them base64 by itself. */
export class Spoken {
  readonly #pieces: Buffer[] = [];
  #transcript = '';
  #others: Fields = {};

  add(piece: unknown): void {
    const { data, transcript, ...others } = fieldsOf(piece);
    if (typeof data === 'string') this.#pieces.push(Buffer.from(data, 'base64'));
    if (typeof transcript === 'string') this.#transcript += transcript;
    this.#others = { ...this.#others, ...others };
  }

  /** OpenAI's `message.audio`. */
  get whole(): Fields {
    const data = Buffer.concat(this.#pieces).toString('base64');
    return { ...this.#others, data, transcript: this.#transcript };
  }
}
