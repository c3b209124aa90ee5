import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { azureAi } from '../../src/providers/azure-ai.ts';
import { deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { sentRequest } from '../support/sent-request.ts';

const HOST = 'https://r.services.ai.azure.com';

function request(model: string, place: Partial<Deployment>, fields: object = {}) {
  const call = providerCall({ model, deployment: deployment({ provider: 'azure_ai', ...place }) });
  return sentRequest(azureAi, userRequest('hi', fields), call);
}

describe('a call of Azure AI Foundry', () => {
  it.each([
    ['', '/models/chat/completions?api-version=2024-05-01-preview'],
    ['/', '/models/chat/completions?api-version=2024-05-01-preview'],
    ['/models', '/models/chat/completions?api-version=2024-05-01-preview'],
    ['/api/projects/p', '/models/chat/completions?api-version=2024-05-01-preview'],
    ['/models/chat/completions?api-version=2025-04-01', '/models/chat/completions?api-version=2025-04-01'],
    ['/openai/v1', '/openai/v1/chat/completions'],
  ])('below %j goes to %s', async (path, expected) => {
    const { url, body, headers } = await request('DeepSeek-R1', { apiBase: HOST + path });
    expect(url).toBe(HOST + expected);
    expect(body).toMatchObject({ model: 'DeepSeek-R1', stream_options: { include_usage: true } });
    expect(headers).toMatchObject({ 'api-key': 'sk-test' });
  });

  it('has the model inference API pass on what it does not know', async () => {
    const { headers, body } = await request('m', { apiBase: HOST }, { top_k: 4, user: 'u' });
    expect(headers).toMatchObject({ 'extra-parameters': 'pass-through' });
    expect(body).toMatchObject({ top_k: 4 });
    expect(body).not.toHaveProperty('user');
    expect((await request('m', { apiBase: `${HOST}/openai/v1` })).headers).not.toHaveProperty(
      'extra-parameters',
    );
  });

  it.each([
    ['DeepSeek-V3.1', null, undefined],
    ['gpt-oss-120b', null, undefined],
    ['gpt-5-mini', null, 'k'],
    ['prod', 'o3', 'k'],
  ])('gives %s, with base_model %s, below v1 the hints that it knows', async (model, baseModel, key) => {
    const place = { apiBase: `${HOST}/openai/v1`, baseModel };
    const { body } = await request(model, place, { prompt_cache_key: 'k', max_completion_tokens: 9 });
    expect(body.prompt_cache_key).toBe(key);
    expect(body).toMatchObject({ max_completion_tokens: 9 });
  });

  it('shows a serverless endpoint its key as such', async () => {
    const apiBase = 'https://m.eastus2.models.ai.azure.com';
    const { url, headers } = await request('m', { apiBase, settings: { api_version: '2024-08-01' } });
    expect(url).toBe(`${apiBase}/chat/completions?api-version=2024-08-01`);
    expect(headers).toEqual({ authorization: 'Bearer sk-test', 'extra-parameters': 'pass-through' });
    const signed = { apiBase, apiKey: null, settings: { azure_ad_token: 'ey' } };
    expect((await request('m', signed)).headers).toMatchObject({ authorization: 'Bearer ey' });
  });

  it('uses the words that a model knows', async () => {
    const place = { apiBase: HOST };
    expect((await request('m', place, { max_completion_tokens: 9 })).body).toMatchObject({ max_tokens: 9 });
    expect((await request('o3-mini', place, { max_tokens: 9 })).body).toMatchObject({
      max_completion_tokens: 9,
    });
    const messages = [{ role: 'developer', content: 'Be brief.' }];
    expect((await request('m', place, { messages })).body).toMatchObject({ messages: [{ role: 'system' }] });
  });

  it.each([
    ['claude-sonnet-4-5', '', null],
    ['prod', '', 'claude-opus-4-6'],
    ['prod', '/anthropic', null],
    ['claude-sonnet-4-5', '/anthropic/v1/messages', null],
    ['claude-sonnet-4-5', '/models', null],
  ])('asks %s below %j, with base_model %s, as Anthropic', async (model, path, baseModel) => {
    const { url, format, headers, body } = await request(model, { apiBase: HOST + path, baseModel });
    expect(url).toBe(`${HOST}/anthropic/v1/messages`);
    expect(format).toBe('Anthropic messages');
    expect(headers).toEqual({ 'api-key': 'sk-test', 'anthropic-version': '2023-06-01' });
    expect(body).toMatchObject({ model, max_tokens: expect.any(Number) });
  });

  it('asks Claude with a token, and for what is in beta', async () => {
    const place = { apiBase: HOST, apiKey: null, settings: { azure_ad_token: 'ey' } };
    const { headers } = await request('claude-sonnet-4-5', place, { betas: ['context-1m-2025-08-07'] });
    expect(headers).toEqual({
      authorization: 'Bearer ey',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'context-1m-2025-08-07',
    });
  });

  it('asks through responses where the prefix says so', async () => {
    const { url, body } = await request('responses/gpt-5-codex', { apiBase: HOST });
    expect(url).toBe(`${HOST}/openai/v1/responses`);
    expect(body).toMatchObject({ model: 'gpt-5-codex' });
  });
});
