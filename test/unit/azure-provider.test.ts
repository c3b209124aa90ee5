import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { azureChat } from '../conformance/upstreams/azure.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { sharedProviders } from '../support/shared-providers.ts';
import type { Exchange, Script } from '../support/upstream-server.ts';

const shared = sharedProviders();

interface Asked {
  readonly provider?: string;
  readonly model?: string;
  readonly place?: Partial<Deployment>;
  readonly path?: string;
  readonly fields?: object;
  readonly script?: Script;
}

/** Makes a call, and tells what was asked for and what came of it. */
async function ask({ provider = 'azure', model = 'gpt', place, path = '', fields, script }: Asked) {
  shared.upstream.exchanges.length = 0;
  shared.upstream.script(script ?? { steps: azureChat.answer });
  const found = deployment({ provider, apiBase: shared.upstream.url + path, ...place });
  const call = providerCall({ model, deployment: found });
  const stream = shared.provider(provider).stream(userRequest('hi', { ...fields }), call);
  const outcome: Outcome = await collect(stream);
  const {
    headers,
    path: asked,
    body,
  } = shared.upstream.exchanges[0] ?? ({ body: 'null' } as Partial<Exchange>);
  return { ...outcome, headers, path: asked, body: JSON.parse(body ?? 'null') };
}

describe('a call of Azure', () => {
  it('shows its key as Azure wants it', async () => {
    const { headers, path, body, error } = await ask({});
    expect(error).toBeNull();
    expect(headers).toMatchObject({ 'api-key': 'sk-test' });
    expect(headers).not.toHaveProperty('authorization');
    expect(path).toBe('/openai/deployments/gpt/chat/completions?api-version=2024-10-21');
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('names the deployment in the body of v1', async () => {
    const { path, body } = await ask({ path: '/openai/v1', model: 'my-gpt' });
    expect([path, body.model]).toEqual(['/openai/v1/chat/completions', 'my-gpt']);
  });

  it('shows a token where there is no key, and nothing where there is neither', async () => {
    const settings = { azure_ad_token: 'ey-token' };
    const signed = await ask({ place: { apiKey: null, settings } });
    expect(signed.headers).toMatchObject({ authorization: 'Bearer ey-token' });
    expect(signed.headers).not.toHaveProperty('api-key');
    expect((await ask({ place: { settings } })).headers).not.toHaveProperty('authorization');
    const bare = await ask({ place: { apiKey: null, extraHeaders: { 'x-gateway': 'g' } } });
    expect(bare.headers).toMatchObject({ 'x-gateway': 'g' });
    expect(bare.headers).not.toHaveProperty('authorization');
  });

  it('asks no old version for usage', async () => {
    const place = { settings: { api_version: '2024-06-01' } };
    const { path, body } = await ask({ place, fields: { max_completion_tokens: 9 } });
    expect(path).toContain('api-version=2024-06-01');
    expect(body).not.toHaveProperty('stream_options');
    expect(body).toMatchObject({ max_tokens: 9 });
  });

  it.each([
    ['gpt', '2024-06-01', false],
    ['gpt', '2024-10-21', false],
    ['gpt', '2024-12-01-preview', false],
    ['o3', '2024-12-01-preview', false],
    ['gpt', '2025-04-01-preview', true],
    ['o3', 'v1', true],
  ])('shows %s in version %s hints that are newer: %s', async (model, api_version, shown) => {
    const fields = { user: 'u', prompt_cache_key: 'k', safety_identifier: 's' };
    const { body } = await ask({ model, fields, place: { settings: { api_version } } });
    expect(body).toMatchObject({ user: 'u' });
    expect('prompt_cache_key' in body).toBe(shown);
    expect('safety_identifier' in body).toBe(shown);
  });

  it.each([
    ['gpt', { max_completion_tokens: 9 }, null, { max_tokens: 9 }],
    ['my-o3-mini', { max_tokens: 9 }, null, { max_completion_tokens: 9 }],
    ['o_series/prod', { max_tokens: 9 }, null, { model: 'prod', max_completion_tokens: 9 }],
    ['gpt5_series/prod', { max_tokens: 9 }, null, { model: 'prod', max_completion_tokens: 9 }],
    ['prod', { max_tokens: 9 }, 'gpt-5-mini', { model: 'prod', max_completion_tokens: 9 }],
  ])('asks %s, with %j and base_model %s, for %j', async (model, fields, baseModel, expected) => {
    const { body } = await ask({ model, fields, place: { baseModel } });
    expect(body).toMatchObject(expected);
    expect(Object.keys(body).filter((name) => name.startsWith('max_'))).toHaveLength(1);
  });

  it.each([
    ['responses/prod', null, 'prod'],
    ['gpt-5-codex', null, 'gpt-5-codex'],
    ['prod', 'o3-pro', 'prod'],
  ])('asks %s, with base_model %s, through responses', async (model, baseModel, name) => {
    const { path, body } = await ask({ model, place: { baseModel } });
    expect(path).toBe('/openai/v1/responses');
    expect(body).toMatchObject({ model: name, store: false, include: ['reasoning.encrypted_content'] });
  });
});

describe('an answer of Azure', () => {
  const [filtered = '', begin = ''] = azureChat.answer;
  const end = 'data: [DONE]\n\n';

  it('does not begin with what the filter said of the prompt', async () => {
    const { deltas, error } = await ask({ script: { steps: [filtered, end] } });
    expect(deltas).toEqual([]);
    expect(error).toMatchObject({ code: 'upstream_truncated', retryable: true });
  });

  it('may be cut off by the filter before its first word', async () => {
    const blocked = { content_filter_results: { hate: { filtered: true, severity: 'high' } } };
    const choice = { index: 0, delta: {}, finish_reason: 'content_filter', ...blocked };
    const chunk = `data: ${JSON.stringify({ id: 'c', choices: [choice] })}\n\n`;
    for (const steps of [
      [filtered, begin, chunk, end],
      [filtered, chunk, end],
    ]) {
      const { deltas, error } = await ask({ script: { steps } });
      expect(error).toBeNull();
      expect(deltas).toEqual([
        { type: 'start', choice: 0 },
        { type: 'finish', choice: 0, reason: 'content_filter' },
      ]);
    }
  });
});

describe('an error of Azure', () => {
  const CONTENT = {
    code: 'content_filter',
    message: 'The response was filtered.',
    param: 'prompt',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { jailbreak: { filtered: true } },
    },
  };
  const FASTAPI = {
    code: 'Invalid input',
    details: [{ loc: ['body', 'tool_choice'], msg: 'Input should be a valid string', type: 'string_type' }],
    message: 'invalid input error',
    status: 422,
  };

  it.each([
    [400, { error: CONTENT }, 'content_policy_violation', { param: 'prompt' }],
    [401, { error: { code: '401', message: 'Access denied.' } }, 'upstream_authentication', {}],
    [401, { statusCode: 401, message: 'Token is missing.' }, 'upstream_authentication', {}],
    [404, { error: { code: '404', message: 'Resource not found' } }, 'upstream_not_found', {}],
    [404, { error: { code: 'DeploymentNotFound', message: 'No.' } }, 'upstream_not_found', {}],
    [
      400,
      { error: { code: 'context_length_exceeded', message: 'Too long.', param: 'messages' } },
      'context_length_exceeded',
      { param: 'messages' },
    ],
    [422, { error: FASTAPI }, 'upstream_bad_request', { param: 'tool_choice' }],
    [500, { error: { code: 'InternalServerError', message: 'Oh.' } }, 'upstream_error', { retryable: true }],
  ])('of status %i, %j, is %s', async (status, body, code, details) => {
    const headers = { 'content-type': 'application/json' };
    const { error } = await ask({ script: { status, headers, steps: [JSON.stringify(body)] } });
    expect(error).toMatchObject({ code, retryable: false, ...details });
  });

  it('has the problems that FastAPI found', async () => {
    const headers = { 'content-type': 'application/json' };
    const steps = [JSON.stringify({ error: FASTAPI })];
    const { error } = await ask({ script: { status: 422, headers, steps } });
    expect((error as Error).message).toContain('tool_choice: Input should be a valid string');
  });

  it('says exactly when to come back', async () => {
    const headers = { 'content-type': 'application/json', 'retry-after': '7', 'retry-after-ms': '6321' };
    const steps = ['{"error":{"code":"429","message":"Requests have exceeded the rate limit."}}'];
    const { error } = await ask({ script: { status: 429, headers, steps } });
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryable: true, retryAfter: 6.321 });
  });
});
