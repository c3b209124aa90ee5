import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { endpoint } from '../../src/providers/endpoint.ts';
import { MODULES } from '../../src/providers/registry.ts';
import { moduleOf } from '../support/formats.ts';
import { deployment } from '../support/provider-calls.ts';
import { requestOf } from '../support/recording-client.ts';

async function send(name: string, model: string, place: Partial<Deployment> = {}) {
  const { request, error } = await requestOf(name, model, place);
  return { error, url: request?.url, headers: request?.headers, body: JSON.parse(request?.body ?? '{}') };
}

describe('the address of a vendor', () => {
  it.each([
    ['groq', 'https://api.groq.com/openai/v1/chat/completions'],
    ['deepseek', 'https://api.deepseek.com/chat/completions'],
    ['xai', 'https://api.x.ai/v1/chat/completions'],
    ['openrouter', 'https://openrouter.ai/api/v1/chat/completions'],
    ['perplexity', 'https://api.perplexity.ai/chat/completions'],
    ['together_ai', 'https://api.together.xyz/v1/chat/completions'],
    ['fireworks_ai', 'https://api.fireworks.ai/inference/v1/chat/completions'],
    ['zai', 'https://api.z.ai/api/paas/v4/chat/completions'],
    ['lm_studio', 'http://localhost:1234/v1/chat/completions'],
  ])('of %s is known', async (name, address) => {
    const { url, headers } = await send(name, 'm');
    expect(url).toBe(address);
    expect(headers).toEqual({ authorization: 'Bearer sk-test' });
  });

  it.each([
    [
      'cloudflare',
      { cloudflare_account_id: 'acc' },
      'https://api.cloudflare.com/client/v4/accounts/acc/ai/v1/chat/completions',
    ],
    [
      'databricks',
      { databricks_host: 'https://adb-1.2.azuredatabricks.net/' },
      'https://adb-1.2.azuredatabricks.net/serving-endpoints/chat/completions',
    ],
    [
      'snowflake',
      { account_id: 'org-acc' },
      'https://org-acc.snowflakecomputing.com/api/v2/cortex/v1/chat/completions',
    ],
  ])('of %s is made of a setting', async (name, settings, address) => {
    expect((await send(name, 'm', { settings })).url).toBe(address);
    const own = await send(name, 'm', { apiBase: 'https://proxy.test/v1' });
    expect(own.url).toBe('https://proxy.test/v1/chat/completions');
    const { error } = await send(name, 'm');
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
    expect((error as Error).message).toContain(Object.keys(settings)[0]);
    expect(moduleOf(name).info).toMatchObject({ apiBase: null, needsBase: false });
  });

  it.each(['hosted_vllm', 'tgi', 'openai_like'])('of %s has to be given', async (name) => {
    expect(moduleOf(name).info).toMatchObject({ apiBase: null, needsBase: true, keyOptional: true });
    const { error } = await send(name, 'm', { apiKey: null });
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
    const { headers } = await send(name, 'm', { apiKey: null, apiBase: 'http://127.0.0.1:8000/v1' });
    expect(headers).toEqual({});
  });

  it.each([
    ['https://a.test', '/v1/chat', 'https://a.test/v1/chat'],
    ['https://a.test/v1/', '/v1/chat', 'https://a.test/v1/chat'],
    ['https://a.test/x/v1', '/v1/chat', 'https://a.test/x/v1/chat'],
    ['https://a.test/v1/chat', '/v1/chat', 'https://a.test/v1/chat'],
    ['https://a.test/v11', '/v1/chat', 'https://a.test/v11/v1/chat'],
    ['https://a.test/av1', '/v1/chat', 'https://a.test/av1/v1/chat'],
    ['https://a.test/v1?key=1', '/v1/chat?version=2', 'https://a.test/v1/chat?key=1&version=2'],
  ])('%s with %s is %s', (apiBase, path, whole) => {
    expect(endpoint(deployment({ apiBase }), null, path)).toBe(whole);
  });
});

describe('a vendor’s ways', () => {
  it('has Fireworks models under their whole names', async () => {
    expect((await send('fireworks_ai', 'kimi-k2p5')).body.model).toBe('accounts/fireworks/models/kimi-k2p5');
    expect((await send('fireworks_ai', 'accounts/me/models/x')).body.model).toBe('accounts/me/models/x');
    expect((await send('fireworks_ai', 'x#me/deployed')).body.model).toBe('x#me/deployed');
  });

  it('sends Snowflake’s token without LiteLLM’s mark on it', async () => {
    const { headers } = await send('snowflake', 'm', { apiKey: 'pat/t0k', settings: { account_id: 'a' } });
    expect(headers).toEqual({ authorization: 'Bearer t0k' });
  });

  it('has every vendor once, with a key unless it is optional, and its documentation', () => {
    expect(new Set(MODULES.map(({ info }) => info.name)).size).toBe(MODULES.length);
    for (const { info, about } of MODULES) {
      expect(info.keyVariables.length > 0 || info.keyOptional === true, info.name).toBe(true);
      expect(about.docs, info.name).toMatch(/^https:\/\//);
      expect(about.formats.length, info.name).toBeGreaterThan(0);
    }
  });
});
