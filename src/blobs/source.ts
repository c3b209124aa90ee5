/** What is to be written, with its bytes counted, and its own failure told apart from the store's. */
export class Source implements AsyncIterable<Uint8Array> {
  bytes = 0;
  #failure: { readonly error: unknown } | null = null;
  readonly #content: AsyncIterable<Uint8Array>;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#content) {
        this.bytes += chunk.byteLength;
        yield chunk;
      }
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
