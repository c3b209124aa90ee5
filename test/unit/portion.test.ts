import { expect, test } from 'vitest';
import { portion } from '../../src/feeder/portion.ts';

const lines = (...lengths: number[]) => lengths.map((length) => ({ length }));

test.each([
  ['all that fit', lines(1, 2, 3), 9, 6, lines(1, 2, 3)],
  ['no more than so many', lines(1, 1, 1), 2, 9, lines(1, 1)],
  ['no more than so many bytes', lines(3, 3, 3), 9, 7, lines(3, 3)],
  ['one that has more by itself', lines(9, 1), 9, 7, lines(9)],
  ['one, where there is room for none', lines(2, 1), 9, 0, lines(2)],
  ['none of none', [], 9, 9, []],
])('a portion is %s', (_, all, most, bytes, expected) => {
  expect(portion(all, most, bytes)).toEqual(expected);
});
