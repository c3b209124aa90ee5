import { describe, expect, test } from 'vitest';
import { LanePace, LEAST_LINES } from '../../src/worker/lane-pace.ts';

/** The numbers of so many looks in a row, with all slots in use. */
function looks(pace: LanePace, delay: number, count: number): number[] {
  return Array.from({ length: count }, () => pace.next({ delay, running: pace.lines }));
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
    expect(pace.next({ delay: 0, running: 7 })).toBe(8);
  });

  test('has the least where that is more than the most', () => {
    expect(looks(new LanePace(1), 0, 2)).toEqual([LEAST_LINES, LEAST_LINES]);
  });
});
