/** Items looked at, at most, to fill one page of a filtered list. */
const SCAN = 5000;

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page starts: the last id looked at. Null when there is none. */
  readonly next: string | null;
}

/** What a page is filled from. */
export interface PageTerms<Item> {
  /** Up to `count` ids of the list, after the given one. */
  readonly ids: (after: string | null, count: number) => Promise<string[]>;
  readonly read: (id: string) => Promise<Item | null>;
  readonly wanted: (item: Item) => boolean;
  readonly after: string | null;
  readonly limit: number;
  /** Items that are read at once, which is how many are in memory; by default a page. */
  readonly together?: number;
}

/** Up to `limit` items that are wanted, of a list of ids. Ids whose items are gone are passed over. */
export async function fillPage<Item>(terms: PageTerms<Item>): Promise<Page<Item>> {
  const { ids, read, wanted, after, limit, together } = terms;
  const items: Item[] = [];
  let cursor = after;
  for (let scanned = 0; scanned < SCAN; ) {
    const page = await ids(cursor, limit + 1);
    for await (const [id, item] of readAll(page, read, together ?? page.length)) {
      if (item === null || !wanted(item)) continue;
      if (items.length === limit) return { items, next: cursor };
      items.push(item);
      cursor = id;
    }
    if (page.length <= limit) return { items, next: null };
    cursor = page.at(-1) ?? cursor;
    scanned += page.length;
  }
  return { items, next: cursor };
}

async function* readAll<Item>(
  ids: readonly string[],
  read: PageTerms<Item>['read'],
  together: number,
): AsyncGenerator<[id: string, item: Item | null]> {
  for (let start = 0; start < ids.length; start += together) {
    const some = ids.slice(start, start + together);
    const items = await Promise.all(some.map(read));
    for (const [index, id] of some.entries()) yield [id, items[index] ?? null];
  }
}
