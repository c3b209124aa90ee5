import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { anthropicSluice, ask, messages } from '../support/anthropic-client.ts';
import { call } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';

const { client, jobs, sluice, headers } = await anthropicSluice();

const thrown = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
};

describe('errors', () => {
  test.each([
    [{ model: 'scripted' }, Anthropic.NotFoundError, 404, 'not_found_error', 'model'],
    [{ messages: [] }, Anthropic.BadRequestError, 400, 'invalid_request_error', 'messages'],
    [{ temperature: 2 }, Anthropic.BadRequestError, 400, 'invalid_request_error', 'temperature'],
    [{ max_tokens: 0 }, Anthropic.BadRequestError, 400, 'invalid_request_error', 'max_tokens'],
    [
      { max_token: 5 },
      Anthropic.BadRequestError,
      400,
      'invalid_request_error',
      "'max_token'. Did you mean 'max_tokens'?",
    ],
    [{ mock_response: { error_status: 400 } }, Anthropic.BadRequestError, 400, 'invalid_request_error', ''],
    [
      { mock_response: { error_status: 401 } },
      Anthropic.AuthenticationError,
      401,
      'authentication_error',
      '',
    ],
    [{ mock_response: { error_status: 403 } }, Anthropic.PermissionDeniedError, 403, 'permission_error', ''],
    [{ mock_response: { error_status: 429 } }, Anthropic.RateLimitError, 429, 'rate_limit_error', ''],
    [{ mock_response: { error_status: 503 } }, Anthropic.InternalServerError, 529, 'overloaded_error', ''],
    [{ mock_response: { truncate_after: 1 } }, Anthropic.InternalServerError, 502, 'api_error', ''],
  ])('%j: the class that it has at Anthropic', async (changes, kind, status, type, words) => {
    const before = (await jobs()).length;
    const error = await thrown(client().messages.create(ask('never', changes)));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, type, requestID: expect.stringMatching(/^req_/) });
    expect((error as Error).message).toContain(words);
    expect((await jobs()).length - before).toBe('mock_response' in changes ? 1 : 0);
  });

  test('a wrong key', async () => {
    const error = await thrown(client({ apiKey: 'sk-wrong' }).messages.create(ask('never')));
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error).toMatchObject({ status: 401, type: 'authentication_error' });
  });

  test('the key as x-api-key', async () => {
    const key = headers.Authorization.slice('Bearer '.length);
    const options = { apiKey: null, authToken: null, defaultHeaders: { 'x-api-key': key } };
    const message = await client(options).messages.create(ask('open'));
    expect(message.content).toMatchObject([{ text: 'open' }]);
  });

  test('a retry under the same Idempotency-Key is the same job', async () => {
    const before = (await jobs()).length;
    const options = { headers: { 'Idempotency-Key': 'once' }, maxRetries: 2 };
    const limited = ask({ error_status: 429, retry_after: 1 });
    const first = await thrown(client().messages.create(limited, options));
    const second = await thrown(client().messages.create(limited, options));
    for (const error of [first, second]) expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect((await jobs()).length - before).toBe(1);
  });

  test('before the first event an error has its class, behind it is one in the stream', async () => {
    const early = { ...ask({ error_status: 429 }), stream: true } as const;
    expect(await thrown(client().messages.create(early))).toBeInstanceOf(Anthropic.RateLimitError);

    const late = {
      ...ask({ text: 'one two three', error_after: 2, error_status: 529 }),
      stream: true,
    } as const;
    const stream = await client().messages.create(late);
    const types: string[] = [];
    const error = await thrown(
      (async () => {
        for await (const { type } of stream) types.push(type);
      })(),
    );
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
    ]);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({
      type: 'overloaded_error',
      error: { type: 'error', error: { type: 'overloaded_error' } },
    });
  });

  test('a client that aborts has its job cancelled', async () => {
    const stream = client().messages.stream(ask({ text: 'one two three', hang_after: 2 }));
    stream.on('text', (_, snapshot) => {
      if (snapshot === 'one two ') stream.abort();
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await eventually('the cancellation', async () => (await jobs())[0]?.status === 'cancelled');
  });
});

describe('what is thrown anywhere has the shape of the path', () => {
  const shape = (type: string, message: unknown = expect.any(String)) => ({
    type: 'error',
    error: { type, message },
    request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
  });

  test.each([
    ['POST', '/v1/messages', '{', 400, 'invalid_request_error'],
    ['POST', '/v1/messages', '[]', 400, 'invalid_request_error'],
    ['GET', '/v1/messages', undefined, 405, 'invalid_request_error'],
    ['POST', '/v1/messages/nowhere', '{}', 404, 'not_found_error'],
    ['POST', '/v1/messages/count_tokens', '{}', 400, 'invalid_request_error'],
    ['GET', '/v1/messages/count_tokens', undefined, 405, 'invalid_request_error'],
  ])('%s %s %s', async (method, path, raw, status, type) => {
    const answer = await call(method, sluice.url + path, { headers, ...(raw && { raw }) });
    expect([answer.status, answer.body]).toEqual([status, shape(type)]);
    expect(answer.headers.get('request-id')).toBe(answer.body.request_id);
    expect(answer.headers.get('x-request-id')).toBe(answer.body.request_id);
  });

  test('without a key', async () => {
    const answer = await call('POST', `${sluice.url}/v1/messages`, { raw: '{' });
    expect([answer.status, answer.body]).toEqual([401, shape('authentication_error')]);
  });

  test('a model, as the client that asks wants it', async () => {
    const there = `${sluice.url}/v1/models/nobody`;
    const anthropic = await call('GET', there, {
      headers: { ...headers, 'anthropic-version': '2023-06-01' },
    });
    expect([anthropic.status, anthropic.body]).toEqual([404, shape('not_found_error')]);
    const openai = await call('GET', there, { headers });
    expect(openai.body.error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(openai.headers.get('request-id')).toBeNull();
  });
});

describe('models', () => {
  test('are listed, page by page', async () => {
    const all = await Array.fromAsync(client().models.list({ limit: 2 }));
    const created_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const unknown = { capabilities: null, line: null, max_input_tokens: null, max_tokens: null };
    const lives = { lifecycle: 'active', deprecated_at: null, retires_at: null };
    const model = (id: string) => ({
      type: 'model',
      id,
      display_name: id,
      created_at,
      ...unknown,
      ...lives,
    });
    expect(all).toEqual([model('claude'), model('gpt'), model('scripted/*')]);
    const page = await client().models.list({ limit: 2 });
    expect(page).toMatchObject({ has_more: true, first_id: 'claude', last_id: 'gpt' });
    const before = await client().models.list({ limit: 1, before_id: 'scripted/*' });
    expect(before).toMatchObject({ data: [{ id: 'gpt' }], has_more: true });
    await expect(client().models.list({ after_id: 'nobody' })).rejects.toMatchObject({ status: 400 });
  });

  test('are found by name', async () => {
    expect(await client().models.retrieve('claude')).toMatchObject({ type: 'model', id: 'claude' });
    await expect(client().models.retrieve('nobody')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

describe('tokens', () => {
  test('are counted without a call to a provider', async () => {
    const text = 'The quick brown fox jumps over the lazy dog.';
    const count = async (changes: object = {}) => {
      const asked = { model: 'claude', messages: [{ role: 'user' as const, content: text }], ...changes };
      return (await client().messages.countTokens(asked)).input_tokens;
    };
    const before = (await jobs()).length;
    const alone = await count();
    // Ten tokens of text, one of the role, and what a chat's template adds.
    expect(alone).toBe(10 + 1 + 6);
    expect(await count({ system: text })).toBe(alone + 10 + 1 + 3);
    expect(await count({ tools: [{ name: 'look', input_schema: { type: 'object' } }] })).toBeGreaterThan(
      alone + 10,
    );
    expect((await jobs()).length).toBe(before);
  });

  test('of a model that is not there', async () => {
    const asking = client().messages.countTokens({ model: 'nobody', messages });
    await expect(asking).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});
