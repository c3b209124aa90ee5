import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { clip, table } from '../../src/cli/format.ts';

describe('table', () => {
  it('aligns columns behind wide characters and colours', () => {
    const lines = table([
      ['日本語', 'x'],
      ['\u001b[32mplain\u001b[39m', 'x'],
      ['😀', 'x'],
    ]).split('\n');
    expect(lines.map((line) => stringWidth(line))).toEqual([9, 9, 9]);
  });
});

describe('clip', () => {
  it.each([
    ['short', 10, 'short'],
    ['one\n two', 10, 'one two'],
    ['0123456789', 5, '0123…'],
    ['日本語日本語', 6, '日本…'],
    ['ab👩‍👩‍👧cd', 5, 'ab👩‍👩‍👧…'],
  ])('of %j to %i columns is %j', (text, columns, clipped) => {
    expect(clip(text, columns)).toBe(clipped);
    expect(stringWidth(clipped)).toBeLessThanOrEqual(columns);
  });
});
