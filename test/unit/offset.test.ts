import { describe, expect, it } from 'vitest';
import { compareOffsets, formatOffset, ORIGIN, parseOffset } from '../../src/core/offset.ts';

describe('an offset', () => {
  it.each([
    ['0-0', ORIGIN],
    ['1-0', { epoch: 1, seq: 0 }],
    ['12-345', { epoch: 12, seq: 345 }],
    ['999999999999999-999999999999999', { epoch: 999_999_999_999_999, seq: 999_999_999_999_999 }],
  ])('is written and read as %s', (text, offset) => {
    expect(parseOffset(text)).toEqual(offset);
    expect(formatOffset(offset)).toBe(text);
  });

  it.each([
    '',
    '-',
    '1',
    '1-',
    '-1',
    '1--1',
    '1-2-3',
    '01-2',
    '1-02',
    '+1-2',
    '1.0-2',
    '1-1e3',
    ' 1-2',
    '1-2 ',
    '1-2\n',
    '0x1-2',
    '1-1000000000000000',
    '１-2',
    '$',
    '*',
  ])('is not %j', (text) => {
    expect(parseOffset(text)).toBeNull();
  });

  it('is ordered by epoch, then by seq', () => {
    const ordered = ['0-0', '0-1', '1-0', '1-2', '1-10', '2-0', '10-0'].map(
      (text) => parseOffset(text) ?? ORIGIN,
    );
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareOffsets(a, b))).toBe(Math.sign(i - j));
    }
  });
});
