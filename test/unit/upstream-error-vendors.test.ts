import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../src/core/errors.ts';
import { errorFromAnswer, retryAfterSeconds } from '../../src/providers/errors/upstream-error.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { decode } from '../support/decode.ts';

function thrown(status: number, body: unknown, headers: Record<string, string> = {}): SluiceError {
  return errorFromAnswer({ provider: 'x', status, headers, body: JSON.stringify(body) });
}

describe('OpenRouter’s x-ratelimit-reset', () => {
  it('is a time in ms', () => {
    const seconds = retryAfterSeconds({ 'x-ratelimit-reset': String(Date.now() + 20_000) });
    expect(seconds).toBeGreaterThan(19);
    expect(seconds).toBeLessThanOrEqual(20);
    expect(retryAfterSeconds({ 'x-ratelimit-reset': '1754667660000' })).toBe(0);
    const late = thrown(
      429,
      { error: { message: 'x', code: 429 } },
      { 'x-ratelimit-reset': '1754667660000' },
    );
    expect(late).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 0 });
  });

  it('is not read where it is something else, or where retry-after is there', () => {
    for (const other of ['30', '1754667660', '1s', '']) {
      expect(retryAfterSeconds({ 'x-ratelimit-reset': other })).toBeNull();
    }
    const both = { 'x-ratelimit-reset': String(Date.now() + 20_000), 'retry-after': '3' };
    expect(retryAfterSeconds(both)).toBe(3);
  });
});

describe('the errors of vendors', () => {
  it.each([
    [1002, 'rate_limit_exceeded', true],
    [1004, 'upstream_authentication', false],
    [1008, 'insufficient_quota', false],
    [2013, 'upstream_bad_request', false],
    [1000, 'upstream_error', true],
  ])('are MiniMax’s number %i in an answer with 200: %s', (status_code, code, retryable) => {
    const payload = JSON.stringify({ choices: null, base_resp: { status_code, status_msg: 'not so' } });
    const whole = decode(chatFormat(), [payload], 'application/json');
    const streamed = decode(chatFormat(), [`data: ${payload}\n\n`]);
    for (const { error } of [whole, streamed]) expect(error).toMatchObject({ code, retryable });
    const fine = JSON.stringify({ choices: null, base_resp: { status_code: 0, status_msg: '' } });
    expect(decode(chatFormat(), [fine], 'application/json').error).toMatchObject({
      code: 'upstream_invalid_response',
    });
  });

  it('have in their message what the model wrote for a call that Groq found invalid', () => {
    const error = {
      message: 'Failed to call a function.',
      code: 'tool_use_failed',
      failed_generation: '<f>',
    };
    expect(thrown(400, { error })).toMatchObject({ code: 'upstream_bad_request' });
    expect(thrown(400, { error }).message).toContain('Failed to call a function. The model generated: <f>');
  });

  it('are watsonx’s quota and context', () => {
    const failure = (code: string, message: string) => ({ errors: [{ code, message }], trace: 't' });
    expect(thrown(403, failure('token_quota_reached', 'x'))).toMatchObject({ code: 'insufficient_quota' });
    const long = 'the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model';
    expect(thrown(400, failure('invalid_input_argument', long))).toMatchObject({
      code: 'context_length_exceeded',
    });
  });
});
