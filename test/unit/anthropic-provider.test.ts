import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { errorFromAnswer } from '../../src/providers/errors/upstream-error.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { collect, deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Exchange, UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let providers: Providers;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  upstream.script({ steps: [] });
  providers = createProviders();
});
afterAll(async () => {
  await providers.close();
  await upstream.stop();
});

/** What a call of the provider sends. */
async function sent(
  changes: Partial<Deployment>,
  fields: Partial<CompletionRequest> = {},
  path = '',
): Promise<Exchange | undefined> {
  const place = deployment({ provider: 'anthropic', apiBase: upstream.url + path, ...changes });
  const provider = providers.get('anthropic');
  if (!provider) throw new Error('There is no provider anthropic.');
  await collect(
    provider.stream(userRequest('hi', fields), providerCall({ model: 'claude-opus-5', deployment: place })),
  );
  return upstream.exchanges.at(-1);
}

describe('a call of Anthropic', () => {
  it.each([
    ['', '/v1/messages'],
    ['/', '/v1/messages'],
    ['/v1', '/v1/messages'],
    ['/gateway/anthropic', '/gateway/anthropic/v1/messages'],
    ['/v1/messages', '/v1/messages'],
  ])('at the base %j goes to %s', async (base, path) => {
    expect((await sent({}, {}, base))?.path).toBe(path);
  });

  it('has the version, and the key in its own header', async () => {
    const headers = (await sent({ apiKey: 'sk-ant-api03-x' }))?.headers;
    expect(headers).toMatchObject({ 'x-api-key': 'sk-ant-api03-x', 'anthropic-version': '2023-06-01' });
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('anthropic-beta');
  });

  it.each([
    [{ apiKey: 'sk-ant-oat01-x' }, 'Bearer sk-ant-oat01-x', 'oauth-2025-04-20'],
    [
      { apiKey: null, settings: { auth_token: 'sk-ant-oat01-y' } },
      'Bearer sk-ant-oat01-y',
      'oauth-2025-04-20',
    ],
    [{ apiKey: null, settings: { auth_token: 'gateway' } }, 'Bearer gateway', undefined],
  ])('with %j is authorised by %s', async (changes, authorization, beta) => {
    const headers = (await sent(changes))?.headers;
    expect(headers).toMatchObject({ authorization });
    expect(headers?.['anthropic-beta']).toBe(beta);
    expect(headers).not.toHaveProperty('x-api-key');
  });

  it('prefers the key to the token, and goes without either', async () => {
    const both = (await sent({ settings: { auth_token: 't' } }))?.headers;
    expect(both).toHaveProperty('x-api-key');
    expect(both).not.toHaveProperty('authorization');
    const none = (await sent({ apiKey: null }))?.headers;
    expect(none).not.toHaveProperty('x-api-key');
    expect(none).not.toHaveProperty('authorization');
  });

  it('refuses betas that no header can carry', () => {
    const asked = userRequest('hi', { anthropic_beta: 'a\r\nx-other: b' });
    const place = deployment({ provider: 'anthropic', apiBase: upstream.url });
    const stream = () => providers.get('anthropic')?.stream(asked, providerCall({ deployment: place }));
    expect(stream).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'anthropic_beta' }));
  });

  it('names all betas in one header, each once', async () => {
    const changes = {
      apiKey: 'sk-ant-oat01-x',
      extraHeaders: { 'anthropic-beta': 'one, two', 'x-other': 'kept' },
      params: { betas: ['two', 'three'] },
    };
    const file = { type: 'file', file: { file_id: 'file_011' } };
    const messages: CompletionRequest['messages'] = [{ role: 'user', content: [file] }];
    const exchange = await sent(changes, { messages, anthropic_beta: 'four' });
    expect(exchange?.headers).toMatchObject({
      'anthropic-beta': 'one,two,three,four,files-api-2025-04-14,oauth-2025-04-20',
      'x-other': 'kept',
    });
    expect(JSON.parse(exchange?.body ?? '')).not.toHaveProperty('betas');
  });
});

describe('an error answer of Anthropic', () => {
  function answer(status: number, type: string, message: string, headers: Record<string, string> = {}) {
    const body = JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' });
    return errorFromAnswer({ provider: 'anthropic', status, headers, body });
  }

  it.each([
    [400, 'invalid_request_error', 'max_tokens: Field required', 'upstream_bad_request', false],
    [
      400,
      'invalid_request_error',
      'prompt is too long: 2 tokens > 1 maximum',
      'context_length_exceeded',
      false,
    ],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease input length',
      'context_length_exceeded',
      false,
    ],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API.',
      'insufficient_quota',
      false,
    ],
    [401, 'authentication_error', 'invalid x-api-key', 'upstream_authentication', false],
    [402, 'billing_error', 'Pay', 'insufficient_quota', false],
    [403, 'permission_error', 'No', 'upstream_permission_denied', false],
    [404, 'not_found_error', 'model: x', 'upstream_not_found', false],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'upstream_bad_request', false],
    [429, 'rate_limit_error', 'Slow down', 'rate_limit_exceeded', true],
    [500, 'api_error', 'Oops', 'upstream_error', true],
    [504, 'timeout_error', 'Late', 'upstream_timeout', true],
    [529, 'overloaded_error', 'Overloaded', 'upstream_overloaded', true],
  ])('of %i, %s (%s), is %s', (status, type, message, code, retryable) => {
    expect(answer(status, type, message)).toMatchObject({ code, retryable });
  });

  it('is retried as its headers advise', () => {
    const headers = { 'retry-after': '12', 'x-should-retry': 'false' };
    expect(answer(429, 'rate_limit_error', 'No', headers)).toMatchObject({
      retryable: false,
      retryAfter: 12,
    });
    const again = { 'x-should-retry': 'true' };
    expect(answer(400, 'invalid_request_error', 'No', again)).toMatchObject({ retryable: true });
  });
});
