import type { Usage } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';

/** A prediction as Replicate's API tells of it, as far as a server can be trusted. */
export interface Prediction {
  readonly id?: unknown;
  /** `starting`, `processing`, or an end: `succeeded`, `failed`, `canceled`, `aborted`. */
  readonly status?: unknown;
  /** A text, or the pieces of one. */
  readonly output?: unknown;
  readonly error?: unknown;
  readonly urls?: { readonly stream?: unknown } | null;
  readonly metrics?: {
    readonly input_token_count?: unknown;
    readonly output_token_count?: unknown;
  } | null;
}

/** Reads a prediction's stream, whose events are plain text; or a whole prediction, of a model that does not stream. */
export class ReplicateReader implements AnswerReader {
  readonly plainText = true;
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage(): void {}

  onText(text: string, event: string | null): void {
    if (event === 'output') this.#answer.text(0, text);
    else if (event === 'error') this.#answer.fail(errorFromPayload(this.#answer.provider, parsed(text)));
    else if (event === 'done') this.#onDone(text);
  }

  onWhole(prediction: Prediction): void {
    const { status, error, output } = prediction;
    if (status !== 'succeeded') {
      this.#answer.fail(failureOf(this.#answer.provider, status, error));
      return;
    }
    const pieces = Array.isArray(output) ? output : [output ?? ''];
    this.#answer.text(0, pieces.map((piece) => (typeof piece === 'string' ? piece : String(piece))).join(''));
    this.#answer.finish(0, 'stop');
    const usage = usageOf(prediction);
    if (usage !== null) this.#answer.usage(usage);
  }

  /** `{}` for an end; `{"reason":"error"}` or `{"reason":"canceled"}` otherwise. */
  #onDone(text: string): void {
    const told = parsed(text);
    const reason = typeof told === 'object' && told !== null && 'reason' in told ? told.reason : null;
    if (reason === 'error' || reason === 'canceled') {
      const status = reason === 'error' ? 'failed' : reason;
      this.#answer.fail(failureOf(this.#answer.provider, status, null));
      return;
    }
    this.#answer.finish(0, 'stop');
    this.#answer.done = true;
  }
}

/** What a prediction that ended otherwise than well means. */
export function failureOf(provider: string, status: unknown, error: unknown): SluiceError {
  if (status === 'failed') {
    return errorFromPayload(
      provider,
      typeof error === 'string' && error !== '' ? error : 'prediction failed',
    );
  }
  return new SluiceError('upstream_truncated', `${provider} says that the prediction is ${String(status)}.`);
}

/** The tokens of a prediction, which only language models count; null where they are not told. */
export function usageOf({ metrics }: Prediction): Usage | null {
  const { input_token_count: input, output_token_count: output } = metrics ?? {};
  if (typeof input !== 'number' || typeof output !== 'number') return null;
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
