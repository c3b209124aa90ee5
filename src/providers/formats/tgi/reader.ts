import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';

interface Event {
  readonly token?: { readonly text?: unknown; readonly special?: unknown } | null;
  /** The whole text, in the last event; or all that there is, of a server that does not stream. */
  readonly generated_text?: unknown;
  /** In the last event. */
  readonly details?: {
    readonly finish_reason?: unknown;
    readonly generated_tokens?: unknown;
    readonly input_length?: unknown;
    readonly prefill?: unknown;
  } | null;
}

/** Reads TGI's own stream: a token an event, and what became of them in the last. */
export class TgiReader implements AnswerReader {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage({ token, generated_text: whole, details }: Event): void {
    if (token) {
      if (typeof token.text === 'string' && token.special !== true) this.#answer.text(0, token.text);
    } else if (typeof whole === 'string') {
      this.#answer.text(0, whole);
    }
    if (details || typeof whole === 'string') this.#finish(details ?? {});
  }

  #finish({ finish_reason, generated_tokens, input_length, prefill }: NonNullable<Event['details']>): void {
    const native = typeof finish_reason === 'string' ? finish_reason : 'stop';
    this.#answer.finish(0, native === 'length' ? 'length' : 'stop', native);
    // Older versions count the prompt only by listing its tokens.
    const listed = Array.isArray(prefill) && prefill.length > 0 ? prefill.length : null;
    const prompt = typeof input_length === 'number' ? input_length : listed;
    if (prompt === null || typeof generated_tokens !== 'number') return;
    this.#answer.usage({
      prompt_tokens: prompt,
      completion_tokens: generated_tokens,
      total_tokens: prompt + generated_tokens,
    });
  }
}
