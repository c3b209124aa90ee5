import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StartLock, tryStartLock } from '../../src/store/start-lock.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  path = join(folder, 'start.lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The lock, which the test expects to get, at the second try if there was an abandoned one to remove. */
function take(tries: number): StartLock {
  for (let tried = 1; ; tried++) {
    const lock = tryStartLock(path);
    if (lock !== null) return lock;
    expect(tried).toBeLessThan(tries);
  }
}

test('one at a time has it, until it is released', () => {
  const lock = take(1);
  expect(lock.isMine()).toBe(true);
  expect(tryStartLock(path)).toBeNull();
  expect(tryStartLock(path)).toBeNull();
  expect(lock.isMine()).toBe(true);
  lock.release();
  take(1).release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['of a process that is gone', { pid: 2 ** 30, started: '1' }],
  ['of an earlier process whose id another has now', { pid: process.pid, started: '1' }],
  ['that is not one', 'half a li'],
])('a lock %s is removed', (_, content) => {
  writeFileSync(
    path,
    typeof content === 'string' ? content : JSON.stringify({ ...content, token: 'theirs' }),
  );
  take(2).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('an owner who lost it knows, and leaves the new one alone', () => {
  const lock = take(1);
  const theirs = readFileSync(path, 'utf8').replace(/"token":"[^"]*"/, '"token":"theirs"');
  writeFileSync(path, theirs);
  expect(lock.isMine()).toBe(false);
  lock.release();
  expect(readFileSync(path, 'utf8')).toBe(theirs);
});
