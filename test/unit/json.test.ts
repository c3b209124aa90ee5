import { describe, expect, it } from 'vitest';
import { jsonBytes, parseJson } from '../../src/core/json.ts';

const nested = (levels: number): string => `${'{"a":['.repeat(levels / 2)}7${']}'.repeat(levels / 2)}`;

describe('JSON from elsewhere', () => {
  it.each(['', 'one', '{"a":', '{"a":1}}', nested(1002), nested(200_000)])('is none: %#', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  it.each(['null', '7', '"one"', '[]', '{"a":{"b":[1,2]}}', nested(1000)])(
    'can be written again: %#',
    (text) => {
      expect(JSON.stringify(parseJson(text))).toBe(text);
    },
  );
});

describe('the bytes of a value', () => {
  it.each<[unknown, number]>([
    ['one', 6],
    ['语', 6],
    [[], 3],
    [[1, 22], 8],
    [{ ab: true, c: null }, 22],
    [{ a: [{ b: 'one' }] }, 23],
  ])('%j', (value, bytes) => {
    expect(jsonBytes(value, 1000)).toBe(bytes);
    expect(bytes).toBeGreaterThanOrEqual(JSON.stringify(value).length);
  });

  it('are counted no further than needed', () => {
    const beyond = { length: 1, 0: 'x' };
    const value = [beyond, 'a'.repeat(100)];
    Object.defineProperty(beyond, 'length', {
      enumerable: true,
      get: () => {
        throw new Error('looked at');
      },
    });
    expect(jsonBytes(value, 50)).toBeGreaterThan(50);
  });
});
