import type { FinishReason, TokenLogprob, Usage } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import { SluiceError } from '../core/errors.ts';
import { decodeEvents, type EventDecoder, type IncomingEvent } from '../core/sse.ts';
import { readErrorBody, readErrorText } from './error-body.ts';
import type { StreamDecoder } from './http.ts';
import { finishOf } from './openai-finish.ts';
import { ToolCallDecoder } from './openai-tool-calls.ts';
import { usageOf } from './openai-usage.ts';
import { errorFromPayload, quote } from './upstream-error.ts';

/** A parsed `chat.completion.chunk`, as far as a server can be trusted. */
interface Chunk {
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly error?: unknown;
  readonly system_fingerprint?: unknown;
  readonly service_tier?: unknown;
}

interface ChunkChoice {
  readonly index?: unknown;
  readonly delta?: ChunkDelta | null;
  readonly logprobs?: { readonly content?: unknown } | null;
  readonly finish_reason?: unknown;
}

interface ChunkDelta {
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: unknown;
  readonly function_call?: unknown;
}

interface ChoiceState {
  finished: boolean;
  calls: ToolCallDecoder | null;
}

/** How much text outside any event is kept, in case it turns out to be an error, in characters. */
const LONGEST_STRAY = 64 * 1024;

/**
 * Decodes the event stream of OpenAI's chat completions and of the servers that speak like it. Usage is
 * yielded once, last, also before a failure: what was generated has been billed.
 */
export class OpenAiDecoder implements StreamDecoder {
  readonly deltas: Delta[] = [];
  failure: SluiceError | null = null;
  done = false;
  readonly #provider: string;
  readonly #utf8 = new TextDecoder();
  readonly #events: EventDecoder;
  readonly #choices = new Map<number, ChoiceState>();
  #open = 0;
  #usage: Usage | null = null;
  #stray = '';
  #cutOff = false;

  constructor(provider: string) {
    this.#provider = provider;
    this.#events = decodeEvents({
      onEvent: (event) => this.#onEvent(event),
      onUnknownLine: (line) => this.#onStrayLine(line),
      onOversize: () => this.#invalid('sent an event of more than 16 MiB'),
    });
  }

  get complete(): boolean {
    return this.#open === 0 && this.#choices.size > 0;
  }

  feed(bytes: Uint8Array): void {
    if (this.failure === null) this.#events.feed(this.#utf8.decode(bytes, { stream: true }));
  }

  end(): void {
    if (!this.done && this.failure === null) {
      this.#cutOff = true;
      this.#events.feed(this.#utf8.decode());
      this.#events.end();
    }
    if (this.failure !== null) return;
    if (this.#stray !== '' && readErrorText(this.#stray)) {
      this.#fail(errorFromPayload(this.#provider, parsed(this.#stray)));
    } else if (this.complete) {
      this.#yieldUsage();
    } else {
      const where = this.#choices.size === 0 ? 'before its answer began' : 'in the middle of its answer';
      this.#fail(new SluiceError('upstream_truncated', `${this.#provider} ended the stream ${where}.`));
    }
  }

  #onEvent(event: IncomingEvent): void {
    if (this.done || this.failure !== null) return;
    const { data } = event;
    if (data === '[DONE]') {
      this.done = true;
      return;
    }
    if (data.trim() === '') return;
    const payload = parsed(data);
    if (event.event === 'error') {
      this.#fail(errorFromPayload(this.#provider, payload));
    } else if (typeof payload === 'object' && payload !== null) {
      this.#onChunk(payload);
    } else if (!this.#cutOff) {
      // Half an event at the end of a stream is a truncation, which `end` tells from a mere trailer.
      this.#invalid(`sent an event that is not a chunk: ${quote(data)}`);
    }
  }

  #onChunk(chunk: Chunk): void {
    if (chunk.usage) this.#usage = usageOf(chunk.usage) ?? this.#usage;
    const { choices } = chunk;
    if (chunk.error || !Array.isArray(choices)) {
      if (chunk.error || readErrorBody(chunk)) this.#fail(errorFromPayload(this.#provider, chunk));
      return;
    }
    for (const choice of choices as (ChunkChoice | null)[]) {
      if (choice) this.#onChoice(chunk, choice);
    }
  }

  #onChoice(chunk: Chunk, choice: ChunkChoice): void {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const state = this.#choices.get(index) ?? this.#start(index, chunk);
    const { delta, finish_reason: native } = choice;
    if (delta) {
      const reasoning = delta.reasoning_content || delta.reasoning;
      if (reasoning && typeof reasoning === 'string') {
        this.deltas.push({ type: 'reasoning', choice: index, text: reasoning });
      }
      if (delta.content || choice.logprobs) this.#onContent(index, delta.content, choice.logprobs?.content);
      if (delta.refusal && typeof delta.refusal === 'string') {
        this.deltas.push({ type: 'refusal', choice: index, text: delta.refusal });
      }
      if (delta.tool_calls || delta.function_call) this.#onCalls(index, state, delta);
    }
    if (native && typeof native === 'string' && !state.finished) this.#finish(index, state, native);
  }

  #start(choice: number, chunk: Chunk): ChoiceState {
    const { system_fingerprint, service_tier } = chunk;
    const state = { finished: false, calls: null };
    this.#choices.set(choice, state);
    this.#open += 1;
    this.deltas.push({
      type: 'start',
      choice,
      ...(typeof system_fingerprint === 'string' && system_fingerprint && { system_fingerprint }),
      ...(typeof service_tier === 'string' && service_tier && { service_tier }),
    });
    return state;
  }

  #onContent(choice: number, content: unknown, logprobs: unknown): void {
    if (typeof content !== 'string') {
      this.#onParts(choice, content, 'text');
    } else if (Array.isArray(logprobs) && logprobs.length > 0) {
      this.deltas.push({ type: 'text', choice, text: content, logprobs: logprobs as TokenLogprob[] });
    } else if (content !== '') {
      this.deltas.push({ type: 'text', choice, text: content });
    }
  }

  /** Content of Mistral's reasoning models: text and thinking as parts of one array. */
  #onParts(choice: number, parts: unknown, type: 'text' | 'reasoning'): void {
    if (!Array.isArray(parts)) return;
    for (const part of parts as ({ text?: unknown; thinking?: unknown } | null)[]) {
      if (part?.thinking) this.#onParts(choice, part.thinking, 'reasoning');
      else if (part?.text && typeof part.text === 'string')
        this.deltas.push({ type, choice, text: part.text });
    }
  }

  #onCalls(choice: number, state: ChoiceState, delta: ChunkDelta): void {
    state.calls ??= new ToolCallDecoder(choice);
    if (Array.isArray(delta.tool_calls)) {
      for (const fragment of delta.tool_calls) state.calls.push(fragment, this.deltas);
    } else if (delta.function_call) {
      state.calls.push({ index: 0, function: delta.function_call }, this.deltas);
    }
  }

  #finish(choice: number, state: ChoiceState, native: string): void {
    const reason: FinishReason | null = finishOf(native);
    if (reason === null) {
      const message = `${this.#provider} gave up on its answer: finish reason '${quote(native)}'.`;
      this.#fail(new SluiceError('upstream_truncated', message));
      return;
    }
    state.finished = true;
    this.#open -= 1;
    this.deltas.push({ type: 'finish', choice, reason, ...(reason !== native && { native }) });
  }

  /** llama.cpp writes `error: {…}` where `data:` belongs; gateways write an error with no framing at all. */
  #onStrayLine(line: string): void {
    if (this.done || this.failure !== null) return;
    if (line.startsWith('error:')) {
      const text = line.slice('error:'.length).trim();
      this.#fail(errorFromPayload(this.#provider, parsed(text)));
    } else if (this.#stray.length + line.length <= LONGEST_STRAY) {
      this.#stray += `${line}\n`;
    }
  }

  #invalid(what: string): void {
    this.#fail(new SluiceError('upstream_invalid_response', `${this.#provider} ${what}`));
  }

  #fail(error: SluiceError): void {
    if (this.failure !== null) return;
    this.#yieldUsage();
    this.failure = error;
  }

  #yieldUsage(): void {
    if (this.#usage !== null) this.deltas.push({ type: 'usage', usage: this.#usage });
  }
}

/** The JSON, or the text itself where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
