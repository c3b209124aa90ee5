import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets others have the event loop, once in `every` steps of a long piece of work. */
export class Turns {
  readonly #every: number;
  #steps = 0;

  constructor(every: number) {
    this.#every = every;
  }

  /** To be awaited where it is not null. */
  step(): Promise<unknown> | null {
    this.#steps += 1;
    return this.#steps % this.#every === 0 ? nextTurn() : null;
  }
}
