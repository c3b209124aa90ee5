import { SluiceError } from '../../core/errors.ts';
import { type Fields, textIn } from '../../core/json.ts';

/** What a client asks of a list: `after` is the id of the last item of the page before. */
export interface PageQuery {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after?: string | undefined;
}

/**
 * One page of a list that is all there, as OpenAI's list endpoints have it. `items`: oldest first.
 *
 * @throws {SluiceError} for an `after` that is not in the list.
 */
export function pageOf(items: readonly Fields[], { limit, order, after }: PageQuery): object {
  const ordered = order === 'asc' ? items : items.toReversed();
  const start = startOf(ordered, after);
  const data = ordered.slice(start, start + limit);
  return writePage(data, start + limit < ordered.length);
}

/** A page as OpenAI's lists have it. `last`: the id that the next page begins after, where it is not that of the last item. */
export function writePage(
  data: readonly Fields[],
  hasMore: boolean,
  last: string | null = idOf(data.at(-1)),
): object {
  return { object: 'list', data, first_id: idOf(data[0]), last_id: last, has_more: hasMore };
}

function idOf(item: Fields | undefined): string | null {
  return textIn(item?.id) || null;
}

function startOf(ordered: readonly Fields[], after = ''): number {
  if (after === '') return 0;
  const found = ordered.findIndex(({ id }) => id === after);
  if (found >= 0) return found + 1;
  const message = `Invalid value for 'after': there is no item '${after.slice(0, 80)}' here.`;
  throw new SluiceError('invalid_value', message, { param: 'after' });
}
