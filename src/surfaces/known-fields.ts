import type { Fields } from '../core/json.ts';
import { refuse } from './refuse.ts';

/**
 * Refuses fields that a part of a request does not have at its vendor, or that no provider could be told. Null says nothing.
 *
 * @throws {SluiceError} `unknown_parameter`, naming the field.
 */
export function refuseUnknownFields(given: Fields, known: readonly string[], place: string): void {
  const unknown = Object.keys(given).find((name) => given[name] != null && !known.includes(name));
  if (unknown === undefined) return;
  const param = `${place}.${unknown.slice(0, 64)}`;
  const message = `Unknown parameter: '${param}'. Known here: ${known.join(', ')}.`;
  refuse('unknown_parameter', message, param);
}
