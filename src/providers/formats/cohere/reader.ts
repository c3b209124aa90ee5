import type { FinishReason } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { readErrorBody } from '../../errors/error-body.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';
import { annotationsOf } from './citations.ts';
import { logprobsOf } from './logprobs.ts';
import { usageOf } from './usage.ts';

/** One event, as far as a server can be trusted. */
interface Event {
  readonly type?: unknown;
  readonly index?: unknown;
  readonly delta?: Ending & { readonly message?: Message | null };
  readonly logprobs?: unknown;
}

interface Ending {
  readonly finish_reason?: unknown;
  readonly usage?: unknown;
  /** Why the model failed, beside the finish reason ERROR. */
  readonly error?: unknown;
  readonly error_type?: unknown;
}

/** A whole answer; nobody who asks for a stream should get one. */
interface Whole extends Ending {
  readonly message?: Message | null;
  readonly logprobs?: unknown;
}

/** In events every field has one item, in whole answers a list of them. */
interface Message {
  readonly content?: unknown;
  readonly tool_plan?: unknown;
  readonly tool_calls?: unknown;
  readonly citations?: unknown;
}

interface ToolCall {
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map([
  ['MAX_TOKENS', 'length'],
  ['ERROR_LIMIT', 'length'],
  ['TOOL_CALL', 'tool_calls'],
  ['ERROR_TOXIC', 'content_filter'],
]);

/** Reads the events of Cohere's chat, version 2. There is one choice only. */
export class CohereReader implements AnswerReader {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage(event: Event): void {
    const { type, delta } = event;
    if (type === 'message-start') this.#answer.start(0);
    else if (type === 'message-end') this.#onEnding(delta ?? {});
    else if (delta?.message) this.#onParts(delta.message, event.index, event.logprobs);
    else if (readErrorBody(event)) this.#answer.fail(errorFromPayload(this.#answer.provider, event));
  }

  onWhole(whole: Whole): void {
    if (typeof whole.message !== 'object' || whole.message === null) return;
    this.#answer.start(0);
    this.#onParts(whole.message, undefined, whole.logprobs);
    this.#onEnding(whole);
  }

  #onParts(message: Message, index: unknown, logprobs: unknown): void {
    const answer = this.#answer;
    if (typeof message.tool_plan === 'string') answer.reasoning(0, message.tool_plan);
    let tokens = logprobsOf(logprobs);
    for (const part of listOf(message.content) as { text?: unknown; thinking?: unknown }[]) {
      if (typeof part.thinking === 'string') answer.reasoning(0, part.thinking);
      if (typeof part.text !== 'string') continue;
      answer.text(0, part.text, tokens);
      tokens = undefined;
    }
    for (const call of listOf(message.tool_calls) as ToolCall[]) {
      answer.toolCall(0, { index, id: call.id, ...call.function });
    }
    for (const citation of listOf(message.citations)) {
      for (const annotation of annotationsOf(citation)) answer.annotation(0, annotation);
    }
  }

  #onEnding(ending: Ending): void {
    const answer = this.#answer;
    const { finish_reason: native } = ending;
    const usage = usageOf(ending.usage);
    if (usage !== null) answer.usage(usage);
    if (native === 'TIMEOUT') {
      const message = `${answer.provider} gave up on its answer: it took longer than it may.`;
      answer.fail(new SluiceError('upstream_timeout', message));
    } else if (native === 'ERROR' || ending.error) {
      answer.fail(errorFromPayload(answer.provider, { error: 'It failed.', ...ending }));
    } else if (typeof native === 'string') {
      answer.finish(0, REASONS.get(native) ?? 'stop', native);
      answer.done = true;
    }
  }
}

function listOf(value: unknown): object[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'object' && item !== null);
}
