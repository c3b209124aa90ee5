/** The end of this server, which every open stream must hear of. Cheaper than a signal with thousands of listeners. */
export class Closing {
  readonly #listeners = new Set<() => void>();
  #begun = false;

  get begun(): boolean {
    return this.#begun;
  }

  /** Calls `heard` when the server closes, unless the returned function was called before. */
  listen(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  begin(): void {
    this.#begun = true;
    for (const heard of this.#listeners) heard();
    this.#listeners.clear();
  }
}
