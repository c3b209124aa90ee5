import type { Delta } from '../../core/delta.ts';
import { Fold } from '../../core/fold.ts';
import type { ChatCompletion, ChatCompletionChunk, ChunkChoice } from '../types.ts';

/** Builds the whole answer of chunks, as they come. */
export class ChunkBuilder {
  readonly #started = new Set<number>();
  #fold = new Fold();
  #last: ChatCompletionChunk | null = null;

  add(chunk: ChatCompletionChunk): void {
    this.#last = chunk;
    for (const choice of chunk.choices)
      for (const delta of this.#deltas(chunk, choice)) this.#fold.add(delta);
    if (chunk.usage) this.#fold.add({ type: 'usage', usage: chunk.usage });
  }

  /** Whether anything of this choice has come. */
  has(index: number): boolean {
    return this.#started.has(index);
  }

  /** Forgets everything: another attempt begins. */
  reset(): void {
    this.#fold = new Fold();
    this.#started.clear();
    this.#last = null;
  }

  /** What has come so far. */
  completion(): ChatCompletion {
    const { id = '', created = 0, model = '' } = this.#last ?? {};
    return this.#fold.completion({ id, created, model });
  }

  *#deltas(chunk: ChatCompletionChunk, { index, delta, ...choice }: ChunkChoice): Generator<Delta> {
    const common = { choice: index };
    if (!this.#started.has(index)) {
      this.#started.add(index);
      const { system_fingerprint, service_tier } = chunk;
      yield {
        type: 'start',
        ...common,
        ...(system_fingerprint !== undefined && { system_fingerprint }),
        ...(service_tier !== undefined && { service_tier }),
      };
    }
    if (delta.reasoning_content) yield { type: 'reasoning', ...common, text: delta.reasoning_content };
    if (delta.content) {
      const logprobs = choice.logprobs && { logprobs: choice.logprobs.content };
      yield { type: 'text', ...common, text: delta.content, ...logprobs };
    }
    if (delta.refusal) yield { type: 'refusal', ...common, text: delta.refusal };
    for (const block of delta.thinking_blocks ?? []) yield { type: 'thinking_block', ...common, block };
    for (const annotation of delta.annotations ?? []) yield { type: 'annotation', ...common, annotation };
    for (const { index: call, function: called, type: _, ...piece } of delta.tool_calls ?? []) {
      yield { type: 'tool_call', ...common, call, ...piece, ...called };
    }
    const { provider_specific_fields: fields } = delta;
    if (fields) yield { type: 'provider_specific', ...common, fields };
    if (choice.finish_reason) {
      const native = choice.native_finish_reason;
      yield {
        type: 'finish',
        ...common,
        reason: choice.finish_reason,
        ...(native !== undefined && { native }),
      };
    }
  }
}

/** The whole answer of the chunks of a stream; LiteLLM's. Null of none. */
export function stream_chunk_builder(chunks: Iterable<ChatCompletionChunk>): ChatCompletion | null {
  const builder = new ChunkBuilder();
  let any = false;
  for (const chunk of chunks) {
    builder.add(chunk);
    any = true;
  }
  return any ? builder.completion() : null;
}
