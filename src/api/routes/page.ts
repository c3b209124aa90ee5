import type { Request } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { type Fields, textIn } from '../../core/json.ts';
import { integerParameter } from '../request-options.ts';

/**
 * One page of a list that is all there, as OpenAI's list endpoints have it: `limit` (1 to 100, 20), `order`, and `after`, the
 * id of the last item of the page before. `items`: oldest first.
 *
 * @throws {SluiceError} for parameters that cannot be, and for an `after` that is not in the list.
 */
export function pageOf(request: Request, items: readonly Fields[], fallback: 'asc' | 'desc'): object {
  const limit = integerParameter(request, 'limit', { least: 1, most: 100, fallback: 20 });
  const ordered = orderOf(request, fallback) === 'asc' ? items : items.toReversed();
  const start = startOf(request, ordered);
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    has_more: start + limit < ordered.length,
    first_id: textIn(data[0]?.id) || null,
    last_id: textIn(data.at(-1)?.id) || null,
  };
}

/** `?order=asc|desc`. */
export function orderOf(request: Request, fallback: 'asc' | 'desc'): 'asc' | 'desc' {
  const { order = fallback } = request.query;
  if (order === 'asc' || order === 'desc') return order;
  throw new SluiceError('invalid_value', "Invalid value for 'order': expected asc or desc.", {
    param: 'order',
  });
}

function startOf(request: Request, ordered: readonly Fields[]): number {
  const { after } = request.query;
  if (after === undefined || after === '') return 0;
  const found = ordered.findIndex(({ id }) => id === after);
  if (found >= 0) return found + 1;
  const message = `Invalid value for 'after': there is no item '${String(after).slice(0, 80)}' here.`;
  throw new SluiceError('invalid_value', message, { param: 'after' });
}
