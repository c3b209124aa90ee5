import type { Delta, TextDelta } from '../../core/delta.ts';
import type { CompletionIdentity } from '../../core/fold.ts';
import type { Chunks } from '../chunk-stream.ts';
import { textFinish } from './answer.ts';
import { offsetAfter, toTextLogprobs } from './logprobs.ts';

/** What the client asked of its chunks. */
export interface TextChunkOptions {
  /** OpenAI's `stream_options.include_usage`: without it usage is not sent, nor `usage: null`. */
  readonly includeUsage: boolean;
  /** What every choice begins with: the prompt, where the client wants it echoed. */
  readonly prompt: string;
}

/** Deltas as OpenAI streams text completions: the object of the whole answer, with a piece of the text in each. */
export class TextChunkWriter implements Chunks {
  readonly #head: string;
  readonly #tail: string;
  readonly #options: TextChunkOptions;
  /** Where the next token with a logprob begins, by choice. */
  readonly #offsets = new Map<number, number>();

  constructor({ id, created, model }: CompletionIdentity, options: TextChunkOptions) {
    this.#head = JSON.stringify({ id, object: 'text_completion', created, model }).slice(0, -1);
    this.#tail = options.includeUsage ? '],"usage":null}' : ']}';
    this.#options = options;
  }

  write(delta: Delta): string | null {
    switch (delta.type) {
      case 'text':
        return this.#choice(delta.choice, delta.text, this.#logprobs(delta));
      case 'refusal':
        return this.#choice(delta.choice, delta.text);
      case 'start':
        return this.#options.prompt === '' ? null : this.#choice(delta.choice, this.#options.prompt);
      case 'finish':
        return this.#choice(delta.choice, '', 'null', `"${textFinish(delta.reason)}"`);
      case 'usage':
        if (!this.#options.includeUsage) return null;
        return `${this.#head},"choices":[],"usage":${JSON.stringify(delta.usage)}}`;
      default:
        return null;
    }
  }

  #choice(index: number, text: string, logprobs = 'null', finish = 'null'): string {
    return (
      `${this.#head},"choices":[{"text":${JSON.stringify(text)},"index":${index},` +
      `"logprobs":${logprobs},"finish_reason":${finish}}${this.#tail}`
    );
  }

  #logprobs({ choice, logprobs }: TextDelta): string {
    if (logprobs === undefined) return 'null';
    const offset = this.#offsets.get(choice) ?? 0;
    this.#offsets.set(choice, offsetAfter(logprobs, offset));
    return JSON.stringify(toTextLogprobs(logprobs, offset));
  }
}
