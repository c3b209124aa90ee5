import { expect, test } from 'vitest';
import { z } from 'zod';
import { resumeHeaders, resumeQuery, submissionHeaders } from '../../src/api/endpoints/parameters.ts';
import { readQuery, wholeNumber } from '../../src/api/query.ts';
import { idempotencyKey, resumeOffset } from '../../src/api/request-options.ts';

/** A request as far as the readers look. */
const request = (headers: Record<string, string>, query: Record<string, unknown> = {}) =>
  ({ get: (name: string) => headers[name], query }) as Parameters<typeof resumeOffset>[0];

const reads = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

// What is read by hand is described by a schema: both must take the same.
test.each([
  ['a', true],
  ['key with spaces', true],
  ['x'.repeat(255), true],
  ['x'.repeat(256), false],
  ['', false],
  [' leading', false],
  ['trailing ', false],
  ['naïve', false],
  ['tab\tin it', false],
])('Idempotency-Key %j: %s', (key, good) => {
  expect(submissionHeaders.safeParse({ 'Idempotency-Key': key }).success).toBe(good);
  expect(reads(() => idempotencyKey(request({ 'Idempotency-Key': key })))).toBe(good);
});

test.each([
  ['1-42', true],
  ['0-0', true],
  ['', true],
  ['1', false],
  ['1-', false],
  ['-1', false],
  ['1-2-3', false],
  ['a-b', false],
  [' 1-2', false],
  ['1-2\n', false],
  ['99999999999999999999-1', false],
])('offset %j: %s', (offset, good) => {
  expect(resumeQuery.safeParse({ after: offset }).success).toBe(good);
  expect(resumeHeaders.safeParse({ 'Last-Event-ID': offset }).success).toBe(good);
  expect(reads(() => resumeOffset(request({}, { after: offset })))).toBe(good);
  expect(reads(() => resumeOffset(request({ 'Last-Event-ID': offset })))).toBe(good);
});

const limit = z.object({ limit: wholeNumber({ least: 1, most: 100, fallback: 20 }) });

test.each([
  ['1', 1],
  ['100', 100],
  ['007', 7],
  [undefined, 20],
])('a whole number: %j is %s', (text, value) => {
  expect(readQuery({ query: text === undefined ? {} : { limit: text } }, limit)).toEqual({ limit: value });
});

test.each(['0', '101', '', '1.5', '-1', '1e1', ' 1', '9999999999', ['1', '2'], { a: '1' }])(
  'no whole number: %j',
  (given) => {
    expect(() => readQuery({ query: { limit: given } }, limit)).toThrow(
      "Invalid value for 'limit': expected a whole number from 1 to 100.",
    );
  },
);
