import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { bedrock } from '../../src/providers/bedrock.ts';
import { gemini } from '../../src/providers/gemini.ts';
import type { Provider, ProviderModule } from '../../src/providers/provider.ts';
import type { Destination, Upstream } from '../../src/providers/upstream.ts';
import { vertexAi } from '../../src/providers/vertex-ai.ts';
import { deployment, providerCall, userRequest } from '../support/provider-calls.ts';

interface Asked extends Destination {
  readonly format: string;
}

/** Where a call would go, without making it. */
async function destination(
  module: ProviderModule,
  model: string,
  changes: Partial<Deployment>,
): Promise<Asked> {
  let asked: Promise<Asked> | null = null;
  const stream: Upstream['stream'] = (format, _request, call, locate) => {
    const { signal } = call;
    const place = async () => locate('{}', signal);
    asked = place().then((found) => ({ ...found, format: format.name }));
    return (async function* () {})();
  };
  const start: Provider['stream'] = module.create({ stream } as unknown as Upstream);
  const place = deployment({ provider: module.info.name, ...changes });
  start(userRequest('hi'), providerCall({ model, deployment: place }));
  if (asked === null) throw new Error('Nothing was asked.');
  return asked;
}

describe('the address of Gemini', () => {
  const OWN = 'https://generativelanguage.googleapis.com';

  it.each([
    [null, 'gemini-2.5-pro', `${OWN}/v1beta/models/gemini-2.5-pro`],
    [null, 'models/gemini-2.5-pro', `${OWN}/v1beta/models/gemini-2.5-pro`],
    [null, 'tunedModels/mine', `${OWN}/v1beta/tunedModels/mine`],
    ['https://proxy.example', 'm', 'https://proxy.example/v1beta/models/m'],
    ['https://proxy.example/google/v1beta/', 'm', 'https://proxy.example/google/v1beta/models/m'],
    ['https://proxy.example/v1', 'm', 'https://proxy.example/v1/models/m'],
    ['https://proxy.example/v1/models/m', 'm', 'https://proxy.example/v1/models/m'],
  ])('below %s, for %s', async (apiBase, model, address) => {
    const { url, headers } = await destination(gemini, model, { apiBase, apiKey: 'AIza1' });
    expect(url).toBe(`${address}:streamGenerateContent?alt=sse`);
    expect(headers).toEqual({ 'x-goog-api-key': 'AIza1' });
  });
});

describe('the address of Vertex AI', () => {
  const settings = { vertex_project: 'p', vertex_location: 'europe-west4' };
  const HOME = 'https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4';
  const GEMINI = ':streamGenerateContent?alt=sse';

  it.each([
    ['gemini-2.5-pro', `publishers/google/models/gemini-2.5-pro${GEMINI}`, 'Gemini'],
    ['1234567890', `endpoints/1234567890${GEMINI}`, 'Gemini'],
    ['gemini/1234567890', `endpoints/1234567890${GEMINI}`, 'Gemini'],
    [
      'claude-opus-4@20250514',
      'publishers/anthropic/models/claude-opus-4@20250514:streamRawPredict',
      'Anthropic',
    ],
    ['mistral-medium-3', 'publishers/mistralai/models/mistral-medium-3:streamRawPredict', 'Mistral'],
    ['meta/llama-4-scout-17b', 'endpoints/openapi/chat/completions', 'OpenAI'],
  ])('for %s', async (model, path, format) => {
    const asked = await destination(vertexAi, model, { apiKey: 'ya29.token', settings });
    expect(asked.url).toBe(`${HOME}/${path}`);
    expect(asked.headers).toEqual({ authorization: 'Bearer ya29.token' });
    expect(asked.format).toContain(format);
  });

  it.each([
    [undefined, 'us-central1-aiplatform.googleapis.com'],
    ['global', 'aiplatform.googleapis.com'],
    ['eu', 'aiplatform.eu.rep.googleapis.com'],
  ])('in %s', async (vertex_location, host) => {
    const place = { vertex_project: 'p', ...(vertex_location && { vertex_location }) };
    const { url } = await destination(vertexAi, 'gemini-2.5-pro', { apiKey: 'ya29.token', settings: place });
    const location = vertex_location ?? 'us-central1';
    expect(url).toContain(`https://${host}/v1/projects/p/locations/${location}/publishers/`);
  });

  it('for an API key is express mode’s, unless a project is named', async () => {
    const express = await destination(vertexAi, 'gemini-2.5-pro', { apiKey: 'AQ.key' });
    expect(express).toMatchObject({
      url: `https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-pro${GEMINI}`,
      headers: { 'x-goog-api-key': 'AQ.key' },
    });
    const named = await destination(vertexAi, 'gemini-2.5-pro', { apiKey: 'AIzaKey', settings });
    expect(named.url).toBe(`${HOME}/publishers/google/models/gemini-2.5-pro${GEMINI}`);
  });

  it('takes the base that LiteLLM takes, which ends with the model', async () => {
    const apiBase = 'https://proxy.example/v1/projects/q/locations/l/publishers/google/models/gemini-2.5-pro';
    const { url } = await destination(vertexAi, 'gemini-2.5-pro', {
      apiKey: 'ya29.token',
      apiBase,
      settings,
    });
    expect(url).toBe(`${apiBase}${GEMINI}`);
  });

  it.each(['europe west4', 'a.example/', ''])(
    'is none in "%s", which is no location',
    async (vertex_location) => {
      const place = { vertex_project: 'p', vertex_location };
      const asked = destination(vertexAi, 'gemini-2.5-pro', { apiKey: 'ya29.token', settings: place });
      await expect(asked).rejects.toMatchObject({
        code: 'upstream_unreachable',
        retryable: false,
        message: expect.stringContaining('vertex_location'),
      });
    },
  );

  it('needs a project', async () => {
    await expect(destination(vertexAi, 'gemini-2.5-pro', { apiKey: 'ya29.token' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      retryable: false,
      message: expect.stringContaining('vertex_project'),
    });
  });
});

describe('a model’s name that a client made up', () => {
  const settings = { vertex_project: 'p', vertex_location: 'europe-west4', aws_region_name: 'us-east-1' };

  it.each([
    [gemini, 'a?key=b#c', '/v1beta/models/a%3Fkey=b%23c:streamGenerateContent'],
    [gemini, 'a%2e\ud800', '/v1beta/models/a%252e%EF%BF%BD:streamGenerateContent'],
    [vertexAi, 'claude-a?b', '/publishers/anthropic/models/claude-a%3Fb:streamRawPredict'],
    [bedrock, 'a/b?c\ud800', '/model/a%2Fb%3Fc%EF%BF%BD/converse-stream'],
  ])('stays within the path: %#', async (module, model, path) => {
    const { url } = await destination(module, model, { apiKey: 'ya29.token', settings });
    expect(url).toContain(path);
    expect(URL.parse(url)?.hash).toBe('');
    expect(URL.parse(url)?.search).not.toContain('key');
  });

  it.each([
    [gemini, '../../upload/files?x='],
    [gemini, 'models/../cachedContents'],
    [vertexAi, 'claude-a/../../b'],
    [bedrock, '..'],
  ])('does not lead out of it: %#', async (module, model) => {
    const asked = destination(module, model, { apiKey: 'ya29.token', settings });
    await expect(asked).rejects.toMatchObject({ code: 'upstream_not_found', retryable: false });
  });
});
