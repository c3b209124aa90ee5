import type { FinishReason } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';

/** A piece of the text that a model writes. */
export interface Piece {
  /** 0 where the model tells none. */
  readonly choice?: unknown;
  readonly text?: unknown;
  /** The model's word for why it ended; nothing while it goes on. */
  readonly reason?: unknown;
}

/** The words of Meta, Mistral, Amazon and Cohere; those that nobody knows are `stop`. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['length', 'length'],
  ['LENGTH', 'length'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_LIMIT', 'length'],
  ['CONTENT_FILTERED', 'content_filter'],
  ['ERROR_TOXIC', 'content_filter'],
]);

/** Reads the answers of models that continue a text, in chunks or whole. */
export class CompletionReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #piecesOf: (payload: Fields) => readonly Piece[];

  constructor(answer: Answer, piecesOf: (payload: Fields) => readonly Piece[]) {
    this.#answer = answer;
    this.#piecesOf = piecesOf;
  }

  onMessage(payload: Fields): void {
    for (const { choice: told, text, reason } of this.#piecesOf(payload)) {
      const choice = Number.isInteger(told) && Number(told) >= 0 ? Number(told) : 0;
      if (typeof text === 'string') this.#answer.text(choice, text);
      if (reason === 'ERROR') {
        this.#answer.fail(errorFromPayload(this.#answer.provider, { error: 'It failed.', ...payload }));
      } else if (typeof reason === 'string') {
        this.#answer.finish(choice, REASONS.get(reason) ?? 'stop', reason);
      }
    }
  }
}
