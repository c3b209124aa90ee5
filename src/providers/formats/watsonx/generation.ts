import { SluiceError } from '../../../core/errors.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { quote } from '../../errors/upstream-error.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { writePrompt } from '../../request/prompt.ts';
import type { Format } from '../format.ts';
import { finishOf } from '../openai-chat/finish.ts';

/** Where a request sets no limit; watsonx's own is 20 tokens. */
const MAX_TOKENS = 1024;

/** watsonx's older text generation: `POST /ml/v1/text/generation_stream`, one prompt in, text out. */
export const watsonxGeneration: Format = {
  name: 'watsonx text generation',
  supports: new Set(['temperature', 'top_p', 'max_tokens', 'stop', 'seed']),
  media: 'urls',
  encode,
  read: (answer) => new GenerationReader(answer),
};

function encode(request: PreparedRequest): object {
  const { temperature, top_p, seed } = request.fields;
  const { text, extras } = writePrompt(request, { systemApart: false });
  const asked = [temperature, top_p, seed].some((value) => value !== undefined);
  const sampled = asked && temperature !== 0 && top_p !== 0;
  return {
    model_id: request.model,
    input: text,
    parameters: {
      decoding_method: sampled ? 'sample' : 'greedy',
      max_new_tokens: request.maxTokens ?? MAX_TOKENS,
      ...(temperature && { temperature }),
      ...(top_p && { top_p }),
      ...(request.stop.length > 0 && { stop_sequences: request.stop }),
      ...(seed !== undefined && { random_seed: seed }),
      ...extras,
    },
  };
}

interface Result {
  readonly generated_text?: unknown;
  /** So far. */
  readonly generated_token_count?: unknown;
  /** In the first event; 0 afterwards. */
  readonly input_token_count?: unknown;
  readonly stop_reason?: unknown;
}

class GenerationReader implements AnswerReader {
  readonly #answer: Answer;
  #prompt = 0;
  #completion = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage({ results }: { readonly results?: unknown }): void {
    const [result] = (Array.isArray(results) ? results : []) as (Result | null)[];
    if (!result) return;
    const { generated_text, stop_reason } = result;
    this.#answer.start(0);
    if (typeof generated_text === 'string') this.#answer.text(0, generated_text);
    this.#count(result);
    const reason = typeof stop_reason === 'string' ? stop_reason.toLowerCase() : 'not_finished';
    if (reason !== 'not_finished') this.#finish(reason);
  }

  #count({ input_token_count, generated_token_count }: Result): void {
    this.#prompt = Math.max(this.#prompt, Number(input_token_count) || 0);
    this.#completion = Math.max(this.#completion, Number(generated_token_count) || 0);
    if (this.#prompt + this.#completion === 0) return;
    this.#answer.usage({
      prompt_tokens: this.#prompt,
      completion_tokens: this.#completion,
      total_tokens: this.#prompt + this.#completion,
    });
  }

  #finish(native: string): void {
    const reason = finishOf(native);
    if (reason !== null) {
      this.#answer.finish(0, reason, native);
      return;
    }
    const message = `${this.#answer.provider} gave up on its answer: stop reason '${quote(native)}'.`;
    this.#answer.fail(new SluiceError('upstream_truncated', message));
  }
}
