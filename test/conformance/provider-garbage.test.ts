import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import { OWN_UPSTREAMS } from './upstreams/all.ts';
import type { UpstreamScripts } from './upstreams/upstream-scripts.ts';

const CASES = 300;
const WRONG: readonly unknown[] = [null, 0, -1, 1.5, '', 'x', '{', true, [], [null], [[]], {}, { a: null }];

type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

/** The value with one thing in it replaced, dropped or repeated. */
function distorted(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(random, WRONG);
  const entries = Object.entries(value);
  const [key, item] = pick(random, entries.length > 0 ? entries : [['extra', null]]) as [string, unknown];
  const changed = random() < 0.15 ? undefined : distorted(random, item);
  if (!Array.isArray(value)) return { ...value, [key]: changed };
  const items = value.map((old, index) => (String(index) === key ? changed : old));
  return random() < 0.2 ? [...items, ...items] : items;
}

/** A piece of an answer with its JSON distorted, where it has any; else with bytes changed. */
function broken(random: Random, piece: string | Uint8Array): string | Uint8Array {
  const text = Buffer.from(piece as string).toString('utf8');
  const json = /[{[].*[}\]]/s.exec(text)?.[0];
  if (json !== undefined && random() < 0.8) {
    try {
      return text.replace(json, () => JSON.stringify(distorted(random, JSON.parse(json))) ?? 'null');
    } catch {
      // Not JSON after all: its bytes are changed.
    }
  }
  const bytes = Buffer.from(piece as string);
  for (let count = 1 + Math.floor(random() * 3); count > 0 && bytes.length > 0; count -= 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  return bytes;
}

/** The answer with some pieces broken, missing, repeated or exchanged. */
function garbage(random: Random, pieces: readonly (string | Uint8Array)[]): (string | Uint8Array)[] {
  const made = pieces.flatMap((piece) => {
    const fate = random();
    if (fate < 0.08) return [];
    if (fate < 0.16) return [piece, piece];
    return [fate < 0.5 ? broken(random, piece) : piece];
  });
  return random() < 0.1 ? made.reverse() : made;
}

/** What must hold of any answer, however it came about. */
function check({ deltas, error }: Outcome): void {
  if (error !== null) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).message.length).toBeLessThan(2500);
  }
  const begun = new Set<number>();
  const ended = new Set<number>();
  for (const [at, delta] of deltas.entries()) {
    if (delta.type === 'usage') {
      expect(at).toBe(deltas.length - 1);
      const { prompt_tokens, completion_tokens, total_tokens } = delta.usage;
      for (const count of [prompt_tokens, completion_tokens, total_tokens])
        expect(count).toBeTypeOf('number');
      continue;
    }
    if (delta.type === 'start') expect(begun.has(delta.choice)).toBe(false);
    begun.add(delta.choice);
    expect(Number.isInteger(delta.choice)).toBe(true);
    if ('text' in delta) expect(delta.text).toBeTypeOf('string');
    if (delta.type === 'tool_call') expect(delta.arguments ?? '').toBeTypeOf('string');
    if (delta.type === 'finish') {
      expect(ended.has(delta.choice)).toBe(false);
      ended.add(delta.choice);
    }
  }
  if (error === null) expect(ended).toEqual(begun);
}

const formats = new Map<string, UpstreamScripts>();
for (const scripts of Object.values(OWN_UPSTREAMS).flat()) formats.set(scripts.format.name, scripts);

const seed = chooseSeed();
describe(`an upstream that sends garbage (TEST_SEED=${seed})`, () => {
  it.each([...formats])('in %s ends in an error of its own, or in an answer', (_name, scripts) => {
    const random = seededRandom(seed);
    const sources = [scripts.answer, scripts.tools, scripts.twoChoices, scripts.overloaded, scripts.empty];
    const usable = sources.filter((source) => source !== null);
    for (let count = 0; count < CASES; count += 1) {
      const pieces = garbage(random, pick(random, usable));
      const sent = pieces.map((piece) => Buffer.from(piece as string).toString('utf8')).join('');
      try {
        check(decode(scripts.format, pieces, scripts.contentType));
      } catch (thrown) {
        throw new Error(`This answer breaks a rule: ${sent}`, { cause: thrown });
      }
    }
  });
});
