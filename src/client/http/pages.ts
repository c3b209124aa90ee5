/** One page of a list, as OpenAI's lists are. */
export interface Page<Item> {
  readonly object: 'list';
  readonly data: Item[];
  readonly has_more: boolean;
}

/**
 * A list that is read page by page: `await` it for the first page, or iterate over it for all items, with further pages
 * fetched as they are needed.
 */
export class PagePromise<Item extends { readonly id: string }>
  extends Promise<Page<Item>>
  implements AsyncIterable<Item>
{
  readonly #fetchPage: (after: string | undefined) => Promise<Page<Item>>;

  constructor(fetchPage: (after: string | undefined) => Promise<Page<Item>>, after?: string) {
    super((resolve, reject) => {
      fetchPage(after).then(resolve, reject);
    });
    this.#fetchPage = fetchPage;
  }

  /** What `then` makes is no list any more. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    let page = await (this as Promise<Page<Item>>);
    for (;;) {
      yield* page.data;
      const last = page.data.at(-1);
      if (!page.has_more || last === undefined) return;
      page = await this.#fetchPage(last.id);
    }
  }
}
