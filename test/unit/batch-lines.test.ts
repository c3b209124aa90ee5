import { describe, expect, test } from 'vitest';
import { resultLine } from '../../src/batches/anthropic-lines.ts';
import { outputLine } from '../../src/batches/openai-lines.ts';
import type { LineResult } from '../../src/core/batch.ts';
import { lineJobId, newBatchId } from '../../src/core/batch-id.ts';
import { SluiceError } from '../../src/core/errors.ts';

const ID = newBatchId();
const DIGITS = lineJobId(ID, 7).slice('job_'.length);
const ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
  '/v1/messages',
];

const result = (changes: Partial<LineResult>): LineResult => ({
  line: 7,
  customId: 'seven',
  status: 'failed',
  record: null,
  refusal: null,
  ...changes,
});
const ERROR = new SluiceError('invalid_value', 'The value is wrong.', { param: 'temperature' });
const REFUSED = result({ refusal: { status: 400, error: ERROR.body } });

function written(endpoint: string, line: LineResult) {
  const { file, text } = outputLine({ id: ID, endpoint }, line);
  expect(text).not.toContain('\n');
  return { file, line: JSON.parse(text) };
}

describe('a line of an error file', () => {
  test.each(ENDPOINTS)('of %s has the error that the same request would have got', (endpoint) => {
    const body =
      endpoint === '/v1/messages'
        ? {
            type: 'error',
            error: { type: 'invalid_request_error', message: expect.stringContaining('wrong') },
            request_id: `req_${DIGITS}`,
          }
        : { error: ERROR.body };
    expect(written(endpoint, REFUSED)).toEqual({
      file: 'errors',
      line: {
        id: `batch_req_${DIGITS}`,
        custom_id: 'seven',
        response: { status_code: 400, request_id: `req_${DIGITS}`, body },
        error: null,
      },
    });
  });

  test.each([
    ['cancelled', 'batch_cancelled'],
    ['expired', 'batch_expired'],
  ] as const)('that was %s has no response', (status, code) => {
    for (const endpoint of ENDPOINTS) {
      expect(written(endpoint, result({ status }))).toEqual({
        file: 'errors',
        line: {
          id: `batch_req_${DIGITS}`,
          custom_id: 'seven',
          response: null,
          error: { code, message: expect.any(String) },
        },
      });
    }
  });
});

describe("a line of Anthropic's results", () => {
  test.each([
    ['cancelled', 'canceled'],
    ['expired', 'expired'],
  ] as const)('that was %s says so', (status, type) => {
    const text = resultLine({ id: ID }, result({ status }));
    expect(JSON.parse(text)).toEqual({ custom_id: 'seven', result: { type } });
  });

  test('that was refused has the error', () => {
    expect(JSON.parse(resultLine({ id: ID }, REFUSED))).toEqual({
      custom_id: 'seven',
      result: {
        type: 'errored',
        error: {
          type: 'error',
          error: { type: 'invalid_request_error', message: expect.stringContaining('wrong') },
          request_id: `req_${DIGITS}`,
        },
      },
    });
  });
});

test('a line that has come to nothing is a fault', () => {
  expect(() => written('/v1/chat/completions', result({ status: 'completed' }))).toThrow('neither');
});
