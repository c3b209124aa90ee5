import { APIError } from '../errors.ts';
import type { ChatCompletion, ChatCompletionChunk } from '../types.ts';
import type { CallLog } from './call-log.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import type { Run } from './run.ts';

/**
 * The chunks of a completion, each as soon as it comes: `for await (const chunk of stream)`, once. Ends when the answer is
 * whole; what else can happen is thrown, an answer that was cut off included. Leaving it early cancels its job.
 */
export class CompletionStream implements AsyncIterable<ChatCompletionChunk> {
  readonly #run: Run;
  readonly #log: CallLog;
  readonly #includeUsage: boolean;
  readonly #builder = new ChunkBuilder();
  #state: 'new' | 'open' | 'ended' = 'new';

  constructor(run: Run, log: CallLog, includeUsage: boolean) {
    this.#run = run;
    this.#log = log;
    this.#includeUsage = includeUsage;
  }

  [Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    const chunks = this.#read();
    const end = chunks.return.bind(chunks);
    // A generator that has not begun does not notice that it is left.
    chunks.return = async (value) => {
      if (this.#state === 'new') {
        this.#state = 'open';
        this.#run.leave();
        await this.#log.end(this.#run, null, null);
      }
      return end(value);
    };
    return chunks;
  }

  async *#read(): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    if (this.#state !== 'new') throw new APIError('The chunks of a stream can be read once.');
    this.#state = 'open';
    let failure: unknown = null;
    try {
      let current = 0;
      for await (const { epoch, chunk } of this.#run.chunks()) {
        // Another attempt, or the same one again, from a log that was rebuilt.
        const again = chunk.choices.some(({ index, delta }) => delta.role && this.#builder.has(index));
        if (again || epoch !== current) this.#builder.reset();
        current = epoch;
        this.#builder.add(chunk);
        const shown = this.#shown(chunk);
        if (shown !== null) yield shown;
      }
      this.#state = 'ended';
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      const whole = this.#state === 'ended' ? this.#builder.completion() : null;
      await this.#log.end(this.#run, whole, failure);
    }
  }

  /** The whole answer. Reads what has not been read. */
  async finalCompletion(): Promise<ChatCompletion> {
    if (this.#state === 'new') for await (const _ of this);
    if (this.#state === 'open') throw new APIError('The stream has not been read to its end.');
    return this.#builder.completion();
  }

  /** As OpenAI streams it: usage only for who asked for it. */
  #shown(chunk: ChatCompletionChunk): ChatCompletionChunk | null {
    if (this.#includeUsage) return chunk;
    if (chunk.choices.length === 0) return null;
    const { usage: _, ...rest } = chunk;
    return rest;
  }
}
