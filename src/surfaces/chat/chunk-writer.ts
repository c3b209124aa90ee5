import type { Usage } from '../../core/completion.ts';
import type { Delta, FinishDelta, TextDelta, ToolCallDelta } from '../../core/delta.ts';
import type { CompletionIdentity } from '../../core/fold.ts';
import type { Chunks } from '../chunk-stream.ts';

/** What the client asked of its chunks. */
export interface ChunkOptions {
  /** OpenAI's `stream_options.include_usage`: without it usage is not sent, nor `usage: null`. */
  readonly includeUsage: boolean;
}

/**
 * Deltas as OpenAI's `chat.completion.chunk`, one each, in the order of the API reference: role first, then
 * content, then the finish reason, then usage with no choices. Depends on nothing but the delta, so a chunk
 * is the same bytes live, resumed and replayed.
 */
export class ChunkWriter implements Chunks {
  readonly #head: string;
  readonly #tail: string;
  readonly #includeUsage: boolean;

  constructor(identity: CompletionIdentity, options: ChunkOptions) {
    const { id, created, model } = identity;
    const envelope = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
    this.#head = envelope.slice(0, -1);
    this.#includeUsage = options.includeUsage;
    this.#tail = options.includeUsage ? '],"usage":null}' : ']}';
  }

  /** The chunk as JSON; null for a usage delta that the client did not ask for. */
  write(delta: Delta): string | null {
    switch (delta.type) {
      case 'text':
        return this.#text(delta);
      case 'start':
        return this.#start(delta);
      case 'reasoning':
        return this.#choice(delta.choice, `{"reasoning_content":${JSON.stringify(delta.text)}}`);
      case 'refusal':
        return this.#choice(delta.choice, `{"refusal":${JSON.stringify(delta.text)}}`);
      case 'thinking_block':
        return this.#choice(delta.choice, JSON.stringify({ thinking_blocks: [delta.block] }));
      case 'annotation':
        return this.#choice(delta.choice, JSON.stringify({ annotations: [delta.annotation] }));
      case 'tool_call':
        return this.#choice(delta.choice, JSON.stringify({ tool_calls: [toolCallFragment(delta)] }));
      case 'provider_specific':
        return this.#choice(delta.choice, JSON.stringify({ provider_specific_fields: delta.fields }));
      case 'finish':
        return this.#finish(delta);
      case 'usage':
        return this.#usage(delta.usage);
    }
  }

  #start(delta: Extract<Delta, { type: 'start' }>): string {
    const { choice, type: _, ...said } = delta;
    const extra = Object.keys(said).length > 0 ? `,${JSON.stringify(said).slice(1, -1)}` : '';
    const chunk = this.#choice(choice, '{"role":"assistant","content":"","refusal":null}');
    return `${chunk.slice(0, -1)}${extra}}`;
  }

  #text(delta: TextDelta): string {
    const content = `{"content":${JSON.stringify(delta.text)}}`;
    if (delta.logprobs === undefined) return this.#choice(delta.choice, content);
    const logprobs = JSON.stringify({ content: delta.logprobs, refusal: null });
    return this.#choice(delta.choice, content, logprobs);
  }

  #finish({ choice, reason, native }: FinishDelta): string {
    const own = native === undefined ? '' : `,"native_finish_reason":${JSON.stringify(native)}`;
    return this.#choice(choice, '{}', 'null', `"${reason}"${own}`);
  }

  #choice(index: number, delta: string, logprobs = 'null', finish = 'null'): string {
    return (
      `${this.#head},"choices":[{"index":${index},"delta":${delta},` +
      `"logprobs":${logprobs},"finish_reason":${finish}}${this.#tail}`
    );
  }

  #usage(usage: Usage): string | null {
    return this.#includeUsage ? `${this.#head},"choices":[],"usage":${JSON.stringify(usage)}}` : null;
  }
}

function toolCallFragment(delta: ToolCallDelta): object {
  const { call, id, name, arguments: args, provider_specific_fields } = delta;
  return {
    index: call,
    ...(id !== undefined && { id, type: 'function' }),
    function: { ...(name !== undefined && { name }), arguments: args ?? '' },
    ...(provider_specific_fields !== undefined && { provider_specific_fields }),
  };
}
