import { distance } from 'fastest-levenshtein';
import { isKnownFromLiteLLM, type LiteLLMKeys } from './litellm.ts';
import { type ConfigPath, formatPath, type Problems, quote } from './problems.ts';
import { generalSettings, routerSettings } from './schema.ts';

/**
 * The candidate that a misspelt word most likely meant; null if none is near. `reach`: how many letters
 * may be wrong at most; a third of the word's may be in any case.
 */
export function nearest(word: string, candidates: Iterable<string>, reach = 3): string | null {
  return nearestFew(word, candidates, 1, reach)[0] ?? null;
}

/** Up to `count` candidates that a misspelt word may have meant, the likeliest first. */
function nearestFew(word: string, candidates: Iterable<string>, count: number, reach = 3): string[] {
  const furthest = Math.min(reach, Math.max(1, Math.floor(word.length / 3)));
  const given = plain(word);
  return (
    [...candidates]
      .map((candidate) => ({ candidate, meant: plain(candidate) }))
      // A name of megabytes is like none, and comparing it would take minutes.
      .filter(({ meant }) => Math.abs(meant.length - given.length) <= furthest)
      .map(({ candidate, meant }) => ({ candidate, wrong: wrongLetters(given, meant) }))
      .filter(({ wrong }) => wrong <= furthest)
      .sort((a, b) => a.wrong - b.wrong)
      .slice(0, count)
      .map(({ candidate }) => candidate)
  );
}

function wrongLetters(word: string, candidate: string): number {
  // Swapped letters are one slip, not two.
  const swapped = word.length === candidate.length && sorted(word) === sorted(candidate);
  return Math.min(distance(word, candidate), swapped ? 1 : Number.POSITIVE_INFINITY);
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** `apiKey`, `api-key` and `API_KEY` are all `api_key`. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}

/** `; did you mean "x"?`, or nothing; with up to `count` suggestions. */
export function didYouMean(word: string, candidates: Iterable<string>, count = 1): string {
  const near = nearestFew(word, candidates, count).map(quote);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** Warns of a key that LiteLLM knows; any other is a mistake, with what was probably meant. */
export function judgeKey(
  path: ConfigPath,
  own: readonly string[],
  known: LiteLLMKeys,
  problems: Problems,
): void {
  const key = String(path.at(-1));
  if (isKnownFromLiteLLM(known, key)) {
    problems.warn(path, known.advice?.[key] ?? 'known from LiteLLM, ignored by Sluice');
    return;
  }
  const suggestion = didYouMean(key, [...own, ...known.words]);
  const elsewhere = suggestion === '' ? sectionOf(key, path) : '';
  const choices = suggestion + elsewhere === '' ? `; known here: ${own.join(', ')}` : '';
  problems.add(path, `unknown key${suggestion}${elsewhere}${choices}`, 'key');
}

function sectionOf(key: string, path: ConfigPath): string {
  const sections = { general_settings: generalSettings, router_settings: routerSettings };
  const home = Object.entries(sections).find(([, schema]) => Object.hasOwn(schema.shape, key));
  return home === undefined || path[0] === home[0] ? '' : `; it belongs at ${formatPath([home[0], key])}`;
}
