/**
 * A value that changes, for `useSyncExternalStore`. What makes it change runs while anybody listens: it wakes with the
 * first listener, and rests a moment after the last, because React in strict mode leaves and comes back.
 */
export abstract class Store<State> {
  /** What a server renders, and a browser first. */
  readonly first: State;
  readonly #listeners = new Set<() => void>();
  #state: State;
  #runs = false;

  constructor(first: State) {
    this.first = first;
    this.#state = first;
  }

  readonly snapshot = (): State => this.#state;

  readonly firstSnapshot = (): State => this.first;

  readonly subscribe = (listener: () => void): (() => void) => {
    // One of its own for each subscription, so that the same listener may come twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#settle();
    return () => {
      this.#listeners.delete(own);
      queueMicrotask(() => this.#settle());
    };
  };

  protected get runs(): boolean {
    return this.#runs;
  }

  protected abstract wake(): void;

  protected abstract rest(): void;

  protected show(state: State): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }

  #settle(): void {
    const wanted = this.#listeners.size > 0;
    if (wanted === this.#runs) return;
    this.#runs = wanted;
    if (wanted) this.wake();
    else this.rest();
  }
}
