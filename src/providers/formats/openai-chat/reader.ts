import type { Annotation, TokenLogprob } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { readErrorBody } from '../../errors/error-body.ts';
import { errorFromPayload, quote } from '../../errors/upstream-error.ts';
import { finishOf } from './finish.ts';
import { usageOf } from './usage.ts';

/** A parsed `chat.completion.chunk`, or a whole `chat.completion`, as far as a server can be trusted. */
interface Chunk {
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly system_fingerprint?: unknown;
  readonly service_tier?: unknown;
}

interface ChunkChoice {
  readonly index?: unknown;
  readonly delta?: ChunkDelta | null;
  readonly message?: ChunkDelta | null;
  readonly logprobs?: { readonly content?: unknown } | null;
  readonly finish_reason?: unknown;
}

interface ChunkDelta {
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly refusal?: unknown;
  readonly annotations?: unknown;
  readonly tool_calls?: unknown;
  readonly function_call?: unknown;
}

interface ToolCallItem {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
  readonly extra_content?: unknown;
}

/** Ways in which servers that speak OpenAI's format read otherwise. */
export interface ChatReading {
  /** The server may end a whole answer without a finish reason; `[DONE]` is then its word for the end. */
  readonly finishOptional?: boolean;
}

/** Reads OpenAI's chat completions, as OpenAI sends them and as the servers do that speak like it. */
export class ChatReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #reading: ChatReading;

  constructor(answer: Answer, reading: ChatReading = {}) {
    this.#answer = answer;
    this.#reading = reading;
  }

  onMessage(chunk: Chunk): void {
    this.#readUsage(chunk);
    const { choices } = chunk;
    if (!Array.isArray(choices)) {
      if (readErrorBody(chunk)) this.#answer.fail(errorFromPayload(this.#answer.provider, chunk));
      return;
    }
    for (const choice of choices as (ChunkChoice | null)[]) {
      if (choice) this.#onChoice(chunk, choice, choice.delta);
    }
  }

  onWhole(completion: Chunk): void {
    this.#readUsage(completion);
    const choices = Array.isArray(completion.choices) ? completion.choices : [];
    for (const choice of choices as (ChunkChoice | null)[]) {
      if (choice) this.#onChoice(completion, choice, choice.message);
    }
  }

  onError(chunk: Chunk): void {
    this.#readUsage(chunk);
  }

  onEnd(terminated: boolean): void {
    if (!this.#reading.finishOptional || !terminated || !this.#answer.begun) return;
    for (const choice of this.#answer.openChoices) {
      this.#answer.finish(choice, this.#answer.hasToolCalls(choice) ? 'tool_calls' : 'stop');
    }
  }

  #readUsage({ usage }: Chunk): void {
    const counts = usage ? usageOf(usage) : null;
    if (counts !== null) this.#answer.usage(counts);
  }

  #onChoice(chunk: Chunk, choice: ChunkChoice, delta: ChunkDelta | null | undefined): void {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const answer = this.#answer;
    if (!answer.has(index)) answer.start(index, saidBy(chunk));
    if (delta) {
      const reasoning = delta.reasoning_content || delta.reasoning;
      if (reasoning && typeof reasoning === 'string') answer.reasoning(index, reasoning);
      if (delta.content || choice.logprobs) this.#onContent(index, delta.content, choice.logprobs?.content);
      if (delta.refusal && typeof delta.refusal === 'string') answer.refusal(index, delta.refusal);
      if (Array.isArray(delta.annotations)) {
        for (const annotation of delta.annotations as Annotation[]) answer.annotation(index, annotation);
      }
      if (delta.tool_calls || delta.function_call) this.#onCalls(index, delta);
    }
    const { finish_reason: native } = choice;
    if (native && typeof native === 'string') this.#finish(index, native);
  }

  #onContent(choice: number, content: unknown, logprobs: unknown): void {
    if (typeof content === 'string') {
      this.#answer.text(choice, content, Array.isArray(logprobs) ? (logprobs as TokenLogprob[]) : undefined);
    } else {
      this.#onParts(choice, content, 'text');
    }
  }

  /** Content of Mistral's reasoning models: text and thinking as parts of one array. */
  #onParts(choice: number, parts: unknown, type: 'text' | 'reasoning'): void {
    if (!Array.isArray(parts)) return;
    for (const part of parts as ({ text?: unknown; thinking?: unknown } | null)[]) {
      if (part?.thinking) this.#onParts(choice, part.thinking, 'reasoning');
      else if (part?.text && typeof part.text === 'string') this.#answer[type](choice, part.text);
    }
  }

  #onCalls(choice: number, delta: ChunkDelta): void {
    if (Array.isArray(delta.tool_calls)) {
      for (const item of delta.tool_calls as (ToolCallItem | null)[]) {
        if (item) this.#answer.toolCall(choice, { index: item.index, id: item.id, ...item.function });
      }
    } else if (delta.function_call) {
      this.#answer.toolCall(choice, { index: 0, ...delta.function_call });
    }
  }

  #finish(choice: number, native: string): void {
    if (this.#answer.isFinished(choice)) return;
    const reason = finishOf(native);
    if (reason !== null) {
      this.#answer.finish(choice, reason, native);
      return;
    }
    const message = `${this.#answer.provider} gave up on its answer: finish reason '${quote(native)}'.`;
    this.#answer.fail(new SluiceError('upstream_truncated', message));
  }
}

function saidBy({ system_fingerprint, service_tier }: Chunk) {
  return {
    ...(typeof system_fingerprint === 'string' && system_fingerprint && { system_fingerprint }),
    ...(typeof service_tier === 'string' && service_tier && { service_tier }),
  };
}
