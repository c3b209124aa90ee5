import { isFields } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import { quote } from '../../errors/upstream-error.ts';
import { PartialArguments } from './partial-arguments.ts';
import { itemsOf, type WireCall } from './wire.ts';

/**
 * The function calls of one candidate. They come whole, and mostly without ids; or, from Vertex AI on request, first
 * their name, then pieces of their arguments, and at last a piece that does not announce another.
 */
export class Calls {
  readonly #answer: Answer;
  readonly #choice: number;
  #count = 0;
  /** The arguments of the call that goes on. */
  #open: PartialArguments | null = null;

  constructor(answer: Answer, choice: number) {
    this.#answer = answer;
    this.#choice = choice;
  }

  add(call: WireCall, signature: unknown): void {
    const signed = typeof signature === 'string' && { specific: { thought_signature: signature } };
    const { id, name, args, partialArgs, willContinue } = call;
    const isNew = (typeof name === 'string' && name !== '') || isFields(args);
    if (isNew) this.close();
    if (isNew) this.#count += 1;
    if (isNew && partialArgs === undefined && willContinue !== true) {
      this.#tell({ id, name, arguments: args ?? {}, ...signed });
      return;
    }
    if (isNew) this.#open = new PartialArguments();
    if (this.#open === null) return;
    if (isNew || signed) this.#tell({ ...(isNew && { id, name }), ...signed });
    this.#addPieces(this.#open, partialArgs);
    if (willContinue !== true) this.close();
  }

  /** Tells the arguments of a call that nothing more comes of. */
  close(): void {
    if (this.#open === null) return;
    const text = this.#open.toString();
    this.#open = null;
    this.#tell({ arguments: text });
  }

  #addPieces(open: PartialArguments, pieces: unknown): void {
    for (const piece of itemsOf(pieces)) {
      if (open.add(piece)) continue;
      const place = quote(String(piece.jsonPath));
      this.#answer.invalid(`sent arguments of a function at no possible place: ${place}`);
    }
  }

  #tell(fragment: object): void {
    this.#answer.toolCall(this.#choice, { index: this.#count - 1, ...fragment });
  }
}
