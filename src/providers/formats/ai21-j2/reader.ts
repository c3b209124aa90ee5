import type { FinishReason } from '../../../core/completion.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';

/** An answer, which is always whole, as far as a server can be trusted. */
interface J2Answer {
  readonly prompt?: { readonly tokens?: unknown } | null;
  readonly completions?: unknown;
}

interface Completion {
  readonly data?: { readonly text?: unknown; readonly tokens?: unknown } | null;
  readonly finishReason?: { readonly reason?: unknown } | null;
}

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map([['length', 'length']]);

/** Reads the completions of Jurassic-2. What they cost is told by the lists of their tokens. */
export class J2Reader implements AnswerReader {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage({ prompt, completions }: J2Answer): void {
    if (!Array.isArray(completions)) return;
    const answer = this.#answer;
    let generated = 0;
    for (const [choice, completion] of (completions as (Completion | null)[]).entries()) {
      const { data, finishReason } = completion ?? {};
      answer.start(choice);
      if (typeof data?.text === 'string') answer.text(choice, data.text);
      generated += lengthOf(data?.tokens);
      const native = finishReason?.reason;
      if (typeof native === 'string') answer.finish(choice, REASONS.get(native) ?? 'stop', native);
    }
    const prompted = lengthOf(prompt?.tokens);
    const total = prompted + generated;
    if (total === 0) return;
    answer.usage({ prompt_tokens: prompted, completion_tokens: generated, total_tokens: total });
  }
}

function lengthOf(tokens: unknown): number {
  return Array.isArray(tokens) ? tokens.length : 0;
}
