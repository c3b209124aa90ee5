import type { Annotation, FinishReason, TokenLogprob } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { readErrorBody } from '../../errors/error-body.ts';
import { errorFromPayload, quote } from '../../errors/upstream-error.ts';
import type { Chunk, ChunkChoice, ChunkDelta, ChunkPart, ToolCallItem } from './chunk.ts';
import { Extras } from './extras.ts';
import { finishOf } from './finish.ts';
import { usageOf } from './usage.ts';

/** Ways in which servers that speak OpenAI's format read otherwise. */
export interface ChatReading {
  /** The server may end a whole answer without a finish reason; `[DONE]` is then its word for the end. */
  readonly finishOptional?: boolean;
  /** The server says `stop` where the model has called tools. */
  readonly stopsAfterCalls?: boolean;
  /** The server sends the usage of an answer that it breaks off in a chunk behind the error. */
  readonly usageFollowsErrors?: boolean;
  /** Fields of chunks that are kept, each as it came last; sources among them become annotations. */
  readonly keeps?: readonly string[];
  /** The server tells its reasoning as `reasoning_details` and wants them back in the next turn. */
  readonly reasoningDetails?: boolean;
}

interface Ending {
  readonly reason: FinishReason;
  readonly native?: string;
}

/** Reads OpenAI's chat completions, as OpenAI sends them and as the servers do that speak like it. */
export class ChatReader implements AnswerReader {
  readonly usageFollowsErrors: boolean;
  readonly #answer: Answer;
  readonly #reading: ChatReading;
  readonly #extras: Extras;
  /** Choices that ended in a chunk with tool calls: Gemini's behind OpenRouter do so at every one of several. */
  readonly #ending = new Map<number, Ending>();
  /** Choices that tell their reasoning as plain text: their details repeat it. */
  readonly #plain = new Set<number>();

  constructor(answer: Answer, reading: ChatReading = {}) {
    this.#answer = answer;
    this.#reading = reading;
    this.#extras = new Extras(reading.keeps ?? []);
    this.usageFollowsErrors = reading.usageFollowsErrors === true;
  }

  get complete(): boolean {
    return this.#ending.size > 0 && this.#answer.openChoices.every((choice) => this.#ending.has(choice));
  }

  onMessage(chunk: Chunk): void {
    this.#readUsage(chunk);
    const { choices, x_groq } = chunk;
    const failed = x_groq?.error ? x_groq : !Array.isArray(choices) && readErrorBody(chunk) ? chunk : null;
    if (failed !== null) {
      this.#answer.fail(errorFromPayload(this.#answer.provider, failed));
      return;
    }
    if (!Array.isArray(choices)) return;
    this.#extras.readChunk(chunk);
    if (choices.length === 0) this.#endAll();
    for (const choice of choices as (ChunkChoice | null)[]) {
      if (choice) this.#onChoice(chunk, choice, choice.delta);
    }
  }

  onWhole(completion: Chunk): void {
    this.#readUsage(completion);
    this.#extras.readChunk(completion);
    const choices = Array.isArray(completion.choices) ? completion.choices : [];
    for (const choice of choices as (ChunkChoice | null)[]) {
      if (choice) this.#onChoice(completion, choice, choice.message);
    }
  }

  onError(chunk: Chunk): void {
    this.#readUsage(chunk);
  }

  onEnd(terminated: boolean): void {
    this.#endAll();
    if (!this.#reading.finishOptional || !terminated || !this.#answer.begun) return;
    for (const choice of this.#answer.openChoices) {
      const reason = this.#answer.hasToolCalls(choice) ? 'tool_calls' : 'stop';
      this.#ending.set(choice, { reason });
      this.#end(choice);
    }
  }

  #readUsage({ usage, x_groq }: Chunk): void {
    const counts = usageOf(usage ?? x_groq?.usage);
    if (counts !== null) this.#answer.usage(counts);
  }

  #onChoice(chunk: Chunk, choice: ChunkChoice, delta: ChunkDelta | null | undefined): void {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const answer = this.#answer;
    if (!answer.has(index)) answer.start(index, saidBy(chunk));
    if (choice.usage && !chunk.usage) this.#readUsage({ usage: choice.usage });
    const calls = delta?.tool_calls || delta?.function_call;
    if (!calls) this.#end(index);
    if (delta) {
      this.#onReasoning(index, delta);
      if (delta.content || choice.logprobs) this.#onContent(index, delta.content, choice.logprobs?.content);
      if (delta.refusal && typeof delta.refusal === 'string') answer.refusal(index, delta.refusal);
      if (Array.isArray(delta.annotations)) {
        for (const annotation of delta.annotations as Annotation[]) answer.annotation(index, annotation);
      }
      if (delta.images) this.#extras.readImages(index, delta);
      if (delta.audio) this.#extras.readAudio(index, delta);
      if (calls) this.#onCalls(index, delta);
    }
    this.#onFinish(index, choice);
    if (!calls) this.#end(index);
  }

  #onReasoning(choice: number, delta: ChunkDelta): void {
    const plain = delta.reasoning_content || delta.reasoning;
    const details = delta.reasoning_details ? this.#extras.readDetails(choice, delta) : '';
    if (plain && typeof plain === 'string') {
      this.#plain.add(choice);
      this.#answer.reasoning(choice, plain);
    } else if (details !== '' && !this.#plain.has(choice)) {
      this.#answer.reasoning(choice, details);
    }
  }

  #onContent(choice: number, content: unknown, logprobs: unknown): void {
    if (typeof content === 'string') {
      this.#answer.text(choice, content, Array.isArray(logprobs) ? (logprobs as TokenLogprob[]) : undefined);
    } else {
      this.#onParts(choice, content, 'text');
    }
  }

  #onParts(choice: number, parts: unknown, type: 'text' | 'reasoning'): void {
    if (!Array.isArray(parts)) return;
    for (const part of parts as (ChunkPart | null)[]) {
      const thought = part?.thinking || part?.summary;
      if (thought) this.#onParts(choice, thought, 'reasoning');
      else if (part?.text && typeof part.text === 'string') this.#answer[type](choice, part.text);
      else if (part?.reference_ids) {
        this.#answer.annotation(choice, { type: 'reference', reference_ids: part.reference_ids });
      }
    }
  }

  #onCalls(choice: number, { tool_calls: calls, function_call }: ChunkDelta): void {
    if (calls) {
      // Older versions of TGI send one call in place of a list.
      for (const item of (Array.isArray(calls) ? calls : [calls]) as (ToolCallItem | null)[]) {
        if (!item) continue;
        const { index, id, extra_content } = item;
        const specific = extra_content ? { specific: { extra_content } } : {};
        this.#answer.toolCall(choice, { index, id, ...item.function, ...specific });
      }
    } else if (function_call) {
      this.#answer.toolCall(choice, { index: 0, ...function_call });
    }
  }

  #onFinish(index: number, { finish_reason: said, native_finish_reason: own }: ChunkChoice): void {
    if (!said || typeof said !== 'string') return;
    if (this.#answer.isFinished(index) || this.#ending.has(index)) return;
    const reason = finishOf(said);
    const native = typeof own === 'string' && own !== '' ? own : said;
    if (reason === null) {
      const message = `${this.#answer.provider} gave up on its answer: finish reason '${quote(native)}'.`;
      this.#answer.fail(new SluiceError('upstream_truncated', message));
      return;
    }
    const called = this.#reading.stopsAfterCalls && reason === 'stop' && this.#answer.hasToolCalls(index);
    this.#ending.set(index, { reason: called ? 'tool_calls' : reason, native });
  }

  #endAll(): void {
    for (const choice of this.#ending.keys()) this.#end(choice);
  }

  /** Ends the choice if its end has been seen. */
  #end(choice: number): void {
    const ending = this.#ending.get(choice);
    if (ending === undefined) return;
    this.#ending.delete(choice);
    this.#extras.tell(this.#answer, choice, this.#reading.reasoningDetails === true);
    this.#answer.finish(choice, ending.reason, ending.native);
  }
}

function saidBy({ system_fingerprint, service_tier }: Chunk) {
  return {
    ...(typeof system_fingerprint === 'string' && system_fingerprint && { system_fingerprint }),
    ...(typeof service_tier === 'string' && service_tier && { service_tier }),
  };
}
