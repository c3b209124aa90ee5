import { describe, expect, it } from 'vitest';
import {
  errorFromAnswer,
  errorFromPayload,
  retryAfterSeconds,
} from '../../src/providers/errors/upstream-error.ts';

function answer(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return errorFromAnswer({ provider: 'openai', status, headers, body: text });
}

describe('an error answer', () => {
  it.each([
    [400, 'upstream_bad_request', false],
    [401, 'upstream_authentication', false],
    [402, 'insufficient_quota', false],
    [403, 'upstream_permission_denied', false],
    [404, 'upstream_not_found', false],
    [408, 'upstream_timeout', true],
    [409, 'upstream_error', true],
    [413, 'upstream_bad_request', false],
    [418, 'upstream_bad_request', false],
    [422, 'upstream_bad_request', false],
    [429, 'rate_limit_exceeded', true],
    [500, 'upstream_error', true],
    [501, 'upstream_error', false],
    [502, 'upstream_error', true],
    [503, 'upstream_overloaded', true],
    [504, 'upstream_timeout', true],
    [529, 'upstream_overloaded', true],
    [307, 'upstream_invalid_response', false],
  ])('of status %i is %s, retryable %s', (status, code, retryable) => {
    expect(answer(status)).toMatchObject({ code, retryable });
  });

  it.each([
    ['OpenAI', { error: { message: 'Bad', type: 't', param: 'p', code: 'c' } }, 'Bad'],
    ['Ollama', { error: 'Bad' }, 'Bad'],
    ['xAI', { code: 'Some words', error: 'Bad' }, 'Bad'],
    ['Mistral', { object: 'error', message: 'Bad', type: 't', code: '3051', raw_status_code: 400 }, 'Bad'],
    [
      'Mistral, nested',
      { object: 'error', message: { detail: [{ loc: ['body', 'user'], msg: 'Bad' }] } },
      'user: Bad',
    ],
    ['FastAPI', { detail: 'Bad' }, 'Bad'],
    [
      'FastAPI, fields',
      { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'Bad' }] },
      'messages.0.role: Bad',
    ],
    ['FastAPI, object', { detail: { message: 'Bad', code: 'c' } }, 'Bad'],
    ['an array', [{ error: { message: 'Bad', code: 400 } }], 'Bad'],
    [
      'OpenRouter',
      {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { raw: '{"code":"c","error":"Bad"}' },
        },
      },
      'Provider returned error: Bad',
    ],
    [
      'OpenRouter, text',
      { error: { message: 'Provider returned error', code: 400, metadata: { raw: 'Bad' } } },
      'Provider returned error: Bad',
    ],
    ['no words', { error: { hint: 'Bad' } }, '{"hint":"Bad"}'],
    ['no JSON', 'Bad', 'Bad'],
    ['a page', '<!DOCTYPE html><title>Bad</title>', 'an HTML page'],
    ['nothing', '', 'no body'],
  ])('is read in the shape of %s', (_name, body, message) => {
    const error = answer(400, body);
    expect(error.code).toBe('upstream_bad_request');
    expect(error.message).toMatch(/^openai answered 400/);
    expect(error.message.endsWith(`: ${message}`), error.message).toBe(true);
  });

  it('keeps the field at fault and the precise status', () => {
    expect(answer(422, { detail: [{ loc: ['body', 'tool_choice'], msg: 'no' }] })).toMatchObject({
      param: 'tool_choice',
      status: 422,
    });
    expect(answer(400, { error: { message: 'no', param: 'n' } }).param).toBe('n');
  });

  it.each([
    [400, { error: { message: 'm', code: 'context_length_exceeded' } }],
    [400, { error: { message: 'm', type: 'exceed_context_size_error', code: 400 } }],
    [400, { error: { message: 'm', type: 'too_many_prompt_tokens', code: 400 } }],
    [400, { error: { message: 'Your input exceeds the context window of this model.' } }],
    [
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' },
      },
    ],
    [
      400,
      { error: { message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).' } },
    ],
    [400, { message: 'Input is too long for requested model.' }],
    [
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 8 tokens. However, you requested 9.",
      },
    ],
    [400, { error: 'prompt too long; exceeded max context length by 4 tokens' }],
    [413, { error: { message: 'request (9 tokens) exceeds the available context size (8 tokens)' } }],
    [500, { error: { message: "This endpoint's maximum context length is 8 tokens" } }],
  ])('of status %i is a context overflow: %j', (status, body) => {
    expect(answer(status, body)).toMatchObject({ code: 'context_length_exceeded', retryable: false });
  });

  it('tells quota from rate, whatever the status', () => {
    const quota = { error: { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota' } };
    expect(answer(429, quota)).toMatchObject({ code: 'insufficient_quota', retryable: false });
    expect(answer(400, { error: { message: 'm', code: 'billing_hard_limit_reached' } }).code).toBe(
      'insufficient_quota',
    );
    const tokens = {
      error: { message: 'Request too large: context window', type: 'tokens', code: 'rate_limit_exceeded' },
    };
    expect(answer(429, tokens).code).toBe('rate_limit_exceeded');
  });

  it('sees an unknown model and a bad key behind other statuses', () => {
    expect(answer(400, { error: { message: 'm', code: 'model_not_found' } }).code).toBe('upstream_not_found');
    expect(answer(400, { code: 'c', error: 'Incorrect API key provided: sk***' }).code).toBe(
      'upstream_authentication',
    );
    expect(answer(403, { message: 'The security token included in the request is expired' }).code).toBe(
      'upstream_authentication',
    );
  });

  it('does not show the client what was said about the key', () => {
    const error = answer(401, {
      error: { message: 'Incorrect API key provided: sk-ab***yz', code: 'invalid_api_key' },
    });
    expect(error.message).not.toContain('sk-');
    expect((error.cause as Error).message).toContain('sk-ab***yz');
  });

  it('cuts what is too long', () => {
    expect(answer(500, 'x'.repeat(10_000)).message.length).toBeLessThan(600);
    expect(answer(500, { error: { message: 'x'.repeat(10_000) } }).message.length).toBe(2000);
  });
});

describe('advice on retries', () => {
  it('is taken from x-should-retry before the status', () => {
    expect(answer(400, '', { 'x-should-retry': 'true' }).retryable).toBe(true);
    expect(answer(503, '', { 'x-should-retry': 'false' }).retryable).toBe(false);
  });

  it('says in seconds how long to wait', () => {
    expect(answer(429, '', { 'retry-after': '7' }).retryAfter).toBe(7);
    expect(answer(503, '', { 'retry-after': '7', 'retry-after-ms': '250' }).retryAfter).toBe(0.25);
    expect(answer(429).retryAfter).toBeNull();
  });

  it('may be a date, also a past one', () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const seconds = retryAfterSeconds({ 'retry-after': inAnHour });
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(retryAfterSeconds({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })).toBe(0);
  });

  it.each(['-1', '', 'soon', 'NaN', 'Infinity'])('is ignored where it makes no sense: %j', (value) => {
    expect(retryAfterSeconds({ 'retry-after': value })).toBeNull();
  });
});

describe('an error inside a stream', () => {
  it.each([
    [{ error: { message: 'm', status_code: 400, code: 'tool_use_failed' } }, 'upstream_bad_request'],
    [{ error: { message: 'm', code: 502 } }, 'upstream_error'],
    [{ error: { message: 'm', code: '429' } }, 'rate_limit_exceeded'],
    [{ object: 'error', message: 'm', raw_status_code: 503 }, 'upstream_overloaded'],
    [{ error: { message: 'm', type: 'rate_limit_error' } }, 'rate_limit_exceeded'],
    [{ error: { message: 'm', type: 'overloaded_error' } }, 'upstream_overloaded'],
    [{ error: { message: 'm', type: 'invalid_request_error' } }, 'upstream_bad_request'],
    [{ error: { message: 'm', type: 'authentication_error' } }, 'upstream_authentication'],
    [{ error: { message: 'm', type: 'insufficient_quota' } }, 'insufficient_quota'],
    [{ error: { message: 'm', code: 'context_length_exceeded' } }, 'context_length_exceeded'],
    [{ error: { message: 'm', type: 'server_error' } }, 'upstream_error'],
    [{ error: 'm' }, 'upstream_error'],
    ['m', 'upstream_error'],
    [{ strange: 'm' }, 'upstream_error'],
  ])('%j is %s', (payload, code) => {
    const error = errorFromPayload('openai', payload);
    expect(error.code).toBe(code);
    if (code !== 'upstream_authentication') expect(error.message).toContain('m');
  });
});
