import { ChunkBuilder } from '../client/completion/chunk-builder.ts';
import type { JobDelta } from '../client/jobs/job-stream.ts';
import type { ChatCompletion, ChatCompletionChunk } from '../client/types.ts';
import type { Place } from './kept.ts';

/** What has been read of a job's log: its current attempt, and how far. */
export class Reading {
  readonly #builder = new ChunkBuilder();
  #text = '';
  #content = '';
  #offset: string | null = null;
  #any = false;
  #whole = true;

  /** Whether it has all chunks of the attempt, and not only the text of some of them. */
  get whole(): boolean {
    return this.#whole;
  }

  get text(): string {
    return this.#text;
  }

  /** The number of the attempt; 0 before the first. */
  get attempt(): number {
    return Number.parseInt(this.#offset ?? '0', 10);
  }

  /** Null before the first event. */
  get place(): Place | null {
    if (this.#offset === null) return null;
    return { offset: this.#offset, text: this.#text, content: this.#content };
  }

  /** Null before the first chunk. */
  completion(): ChatCompletion | null {
    return this.#any ? this.#builder.completion() : null;
  }

  add({ offset, text, chunk }: JobDelta): void {
    this.#offset = offset;
    this.#text += text;
    for (const { delta } of chunk.choices) this.#content += delta.content ?? '';
    this.#builder.add(chunk);
    this.#any = true;
  }

  /** Another attempt begins. */
  begin(epoch: number): void {
    this.#restart(`${epoch}-0`);
  }

  /** As if nothing had been read. */
  forget(): void {
    this.#restart(null);
  }

  /** Goes on where another page was. */
  goOn({ offset, text, content }: Place): void {
    this.#restart(offset);
    this.#whole = offset.endsWith('-0');
    this.#text = text;
    this.#content = content;
    if (text === '') return;
    this.#builder.add(chunkOf(text));
    this.#any = true;
  }

  #restart(offset: string | null): void {
    this.#builder.reset();
    this.#offset = offset;
    this.#text = '';
    this.#content = '';
    this.#any = false;
    this.#whole = true;
  }
}

function chunkOf(content: string): ChatCompletionChunk {
  const choice = {
    index: 0,
    delta: { role: 'assistant' as const, content },
    logprobs: null,
    finish_reason: null,
  };
  return { id: '', object: 'chat.completion.chunk', created: 0, model: '', choices: [choice] };
}
