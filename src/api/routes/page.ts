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
  return {
    object: 'list',
    data,
    has_more: start + limit < ordered.length,
    first_id: textIn(data[0]?.id) || null,
    last_id: textIn(data.at(-1)?.id) || null,
  };
}

function startOf(ordered: readonly Fields[], after = ''): number {
  if (after === '') return 0;
  const found = ordered.findIndex(({ id }) => id === after);
  if (found >= 0) return found + 1;
  const message = `Invalid value for 'after': there is no item '${after.slice(0, 80)}' here.`;
  throw new SluiceError('invalid_value', message, { param: 'after' });
}
