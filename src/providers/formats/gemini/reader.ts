import { isFields } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { readErrorBody } from '../../errors/error-body.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';
import { Candidate } from './candidate.ts';
import { usageOf } from './usage.ts';
import { countOf, type GenerateContentResponse, itemsOf } from './wire.ts';

/**
 * Reads Gemini's answers: a stream of responses of which each says what is new, or one. No message says that it is
 * the last one, an error may follow a finish, and old versions of Vertex AI have a finish in every message: so ends
 * are told at the end of the stream.
 */
export class GeminiReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #candidates = new Map<number, Candidate>();

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  get complete(): boolean {
    const candidates = [...this.#candidates.values()];
    return candidates.length > 0 && candidates.every(({ ended }) => ended);
  }

  onMessage(payload: GenerateContentResponse): void {
    if (Array.isArray(payload)) {
      for (const item of itemsOf(payload)) this.#onItem(item);
      return;
    }
    const usage = usageOf(payload.usageMetadata);
    if (usage !== null) this.#answer.usage(usage);
    const candidates = itemsOf(payload.candidates);
    for (const candidate of candidates) this.#candidate(countOf(candidate.index) ?? 0).add(candidate);
    const { promptFeedback: feedback } = payload;
    if (isFields(feedback) && feedback.blockReason && candidates.length === 0) this.#block(feedback);
  }

  onEnd(): void {
    for (const candidate of this.#candidates.values()) candidate.end();
  }

  /** An array in place of one message: `[{"error": …}]`. */
  #onItem(item: object): void {
    if (readErrorBody(item)) this.#answer.fail(errorFromPayload(this.#answer.provider, item));
    else this.onMessage(item);
  }

  #candidate(index: number): Candidate {
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    const candidate = new Candidate(this.#answer, index);
    this.#candidates.set(index, candidate);
    return candidate;
  }

  /** The prompt was refused, and there is no candidate that could say so. */
  #block(feedback: Readonly<Record<string, unknown>>): void {
    const candidate = this.#candidate(0);
    this.#answer.providerSpecific(0, { prompt_feedback: feedback });
    candidate.block(String(feedback.blockReason));
  }
}
