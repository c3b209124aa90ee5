import { expect } from 'vitest';
import { type Answer, call } from './api-client.ts';

/** The error that a client's mistake must be answered with, in the shape that every error has. */
export function expectError(
  answer: Answer,
  status: number,
  code: string,
  param: string | null,
  message?: string,
): void {
  expect(answer.body).toEqual({
    error: { message: message ?? expect.any(String), type: 'invalid_request_error', param, code },
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
}

/** Holds that nothing which was sent to a server has become a job. */
export async function expectNoJobs(base: string): Promise<void> {
  const list = await call('GET', `${base}/v1/jobs`);
  expect(list.body).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false });
}
