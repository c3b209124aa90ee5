import { expect, test } from 'vitest';
import { catalogue } from '../../src/api/endpoints/catalogue.ts';
import { errorsOf } from '../../src/api/endpoints/errors.ts';
import { ERRORS } from '../../src/core/errors.ts';

const endpoints = catalogue({ jobTimeout: 60 });

const codesOf = (name: string): string[] => {
  const endpoint = endpoints.find((candidate) => candidate.name === name);
  return endpoint ? [...errorsOf(endpoint).values()].flat() : [];
};

test('every code of an error is described, but for those that are of no endpoint', () => {
  const described = new Set<string>(endpoints.flatMap((endpoint) => [...errorsOf(endpoint).values()].flat()));
  const missing = Object.keys(ERRORS).filter((code) => !described.has(code));
  // Of paths that are asked with another method, and in the middle of a stream.
  expect(missing).toEqual(['method_not_allowed', 'attempt_interrupted']);
});

test('only what can go on from an earlier response may miss it', () => {
  expect(codesOf('createResponse')).toContain('previous_response_not_found');
  expect(codesOf('createJob')).toContain('previous_response_not_found');
  expect(codesOf('createMessage')).not.toContain('previous_response_not_found');
});

test('an overloaded provider has a status of its own with Anthropic', () => {
  const statusOf = (name: string): number | undefined => {
    const endpoint = endpoints.find((candidate) => candidate.name === name);
    const errors = endpoint ? [...errorsOf(endpoint)] : [];
    return errors.find(([, codes]) => codes.includes('upstream_overloaded'))?.[0];
  };
  expect(statusOf('createMessage')).toBe(529);
  expect(statusOf('createChatCompletion')).toBe(503);
});
