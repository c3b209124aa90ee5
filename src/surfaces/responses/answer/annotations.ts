import type { Annotation } from '../../../core/completion.ts';
import { type Fields, fieldsOf, isFields } from '../../../core/json.ts';

/** An annotation as responses have it: flat, with every field that the contract asks of a citation of the web. */
export function annotationOf({ type, ...nested }: Annotation): Fields {
  const own = fieldsOf(nested)[type];
  const flat: Fields = isFields(own) ? own : nested;
  if (type !== 'url_citation') return { type, ...flat };
  return { type, url: '', title: '', start_index: 0, end_index: 0, ...flat };
}
