/** What is to be written, with its bytes counted, and its own failure told apart from the store's. */
export class Source implements AsyncIterable<Uint8Array> {
  bytes = 0;
  #failure: { readonly error: unknown } | null = null;
  readonly #content: AsyncIterable<Uint8Array>;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const chunks = this.#content[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#next(chunks);
        if (next.done) return;
        this.bytes += next.value.byteLength;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }

  /** Not what is thrown at `yield`: that comes from whoever reads this, when it gives up. */
  async #next(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await chunks.next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** What `write` rejects with: what the content threw, if it did; else `failed` of what went wrong. */
  reason(error: unknown, failed: (error: unknown) => unknown): unknown {
    return this.#failure === null ? failed(error) : this.#failure.error;
  }
}
