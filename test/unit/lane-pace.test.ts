import { describe, expect, test } from 'vitest';
import { LanePace, LEAST_LINES, sharesOf } from '../../src/worker/lane-pace.ts';

/** The numbers of so many looks in a row, with all slots in use. */
function looks(pace: LanePace, delay: number, count: number): number[] {
  return Array.from({ length: count }, () => pace.next({ delay, full: true }));
}

describe('the pace of lines', () => {
  test('doubles while the event loop is calm, up to the most', () => {
    expect(looks(new LanePace(100), 0, 6)).toEqual([16, 32, 64, 100, 100, 100]);
  });

  test('shrinks while it is late, and never below the least', () => {
    const pace = new LanePace(100);
    looks(pace, 0, 4);
    expect(looks(pace, 3, 4)).toEqual([75, 56, 42, 31]);
    expect(looks(pace, 3, 30).at(-1)).toBe(LEAST_LINES);
  });

  test('grows by small steps once it has been too much', () => {
    const pace = new LanePace(100);
    looks(pace, 0, 4);
    looks(pace, 3, 1);
    expect(looks(pace, 0, 2)).toEqual([94, 100]);
  });

  test('stays as it is in between', () => {
    expect(looks(new LanePace(100), 0.4, 3)).toEqual([8, 8, 8]);
  });

  test('does not grow while slots are free', () => {
    const pace = new LanePace(100);
    expect(pace.next({ delay: 0, full: false })).toBe(8);
  });

  test('has the least where that is more than the most', () => {
    expect(looks(new LanePace(1), 0, 2)).toEqual([LEAST_LINES, LEAST_LINES]);
  });
});

describe('the shares of groups', () => {
  test.each<[what: string, lines: number, running: number[], shares: number[]]>([
    ['all to the only one', 100, [40], [100]],
    ['equal ones to those that are busy', 100, [50, 50], [50, 50]],
    ['what an idle group leaves', 100, [50, 0], [100, 50]],
    ['what one leaves that trickles', 100, [50, 1], [99, 50]],
    ['one to each of many', 2, [1, 1, 1], [1, 1, 1]],
  ])('%s', (_, lines, running, shares) => {
    expect(sharesOf(lines, running)).toEqual(shares);
  });
});
