import type { Usage } from '../core/completion.ts';

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
