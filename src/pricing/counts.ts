import type { Usage } from '../core/completion.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An object's fields; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A number that something may be counted in or cost. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** What is counted, or 0 where it is not. */
export function countOf(value: unknown): number {
  return isAmount(value) ? value : 0;
}

/** Tokens of the prompt that were written into a cache, under either of the names in use. */
export function cacheWritesOf({ prompt_tokens_details: details = {} }: Usage): number {
  return countOf(details.cache_creation_tokens) || countOf(details.cache_write_tokens);
}
