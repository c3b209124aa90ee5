import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { EmbeddingRequest } from '../../src/core/embedding.ts';
import { HttpClient, type HttpRequest, type JsonCall } from '../../src/providers/transport/http-client.ts';
import { MediaFetcher } from '../../src/providers/transport/media-fetcher.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { moduleOf } from '../support/formats.ts';
import { deployment, providerCall } from '../support/provider-calls.ts';

/** Sends nothing: keeps the request for an answer. */
class RecordingClient extends HttpClient {
  request: HttpRequest | null = null;

  override async whole(call: JsonCall): Promise<unknown> {
    this.request = await call.prepare(call.signal);
    return {};
  }
}

/** What a provider sends for `one` and `two`; throws what it throws before. */
async function sent(
  name: string,
  model: string,
  place: Partial<Deployment> = {},
  fields: Partial<EmbeddingRequest> = {},
): Promise<{ method: string; url: string; headers: object; body: Record<string, unknown> }> {
  const http = new RecordingClient();
  const media = new MediaFetcher();
  const embed = moduleOf(name).createEmbed?.(new Upstream(http, media));
  if (embed === undefined) throw new Error(`${name} does not embed.`);
  const call = providerCall({ model, deployment: deployment({ provider: name, ...place }) });
  const thrown = await embed({ model: 'm', input: ['one', 'two'], ...fields }, call).catch(
    (error: unknown) => error,
  );
  await Promise.all([http.close(), media.close()]);
  if (http.request === null) throw thrown;
  const { method = 'POST', url, headers, body = '' } = http.request;
  return { method, url, headers, body: JSON.parse(body) };
}

const two = ['one', 'two'];

describe('where embeddings are asked for', () => {
  test.each<[string, string, Partial<Deployment>, string]>([
    ['openai', 'text-embedding-3-small', {}, 'https://api.openai.com/v1/embeddings'],
    ['openai', 'e5', { apiBase: 'http://10.0.0.1:8000/v1/' }, 'http://10.0.0.1:8000/v1/embeddings'],
    [
      'azure',
      'my embedder',
      { apiBase: 'https://r.openai.azure.com' },
      'https://r.openai.azure.com/openai/deployments/my%20embedder/embeddings?api-version=2024-10-21',
    ],
    [
      'azure',
      'e',
      { apiBase: 'https://r.openai.azure.com/openai/deployments/e/embeddings?api-version=2023-05-15' },
      'https://r.openai.azure.com/openai/deployments/e/embeddings?api-version=2023-05-15',
    ],
    [
      'azure',
      'e',
      { apiBase: 'https://r.openai.azure.com', settings: { api_version: 'v1' } },
      'https://r.openai.azure.com/openai/v1/embeddings',
    ],
    [
      'azure_ai',
      'embed-v-4-0',
      { apiBase: 'https://r.services.ai.azure.com' },
      'https://r.services.ai.azure.com/models/embeddings?api-version=2024-05-01-preview',
    ],
    [
      'azure_ai',
      'text-embedding-3-large',
      { apiBase: 'https://r.services.ai.azure.com/openai/v1' },
      'https://r.services.ai.azure.com/openai/v1/embeddings',
    ],
    ['mistral', 'mistral-embed', {}, 'https://api.mistral.ai/v1/embeddings'],
    ['cohere', 'embed-v4.0', {}, 'https://api.cohere.com/v2/embed'],
    ['ollama', 'all-minilm', {}, 'http://127.0.0.1:11434/api/embed'],
    [
      'gemini',
      'gemini-embedding-001',
      {},
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents',
    ],
    ['together_ai', 'e', {}, 'https://api.together.xyz/v1/embeddings'],
    ['deepinfra', 'e', {}, 'https://api.deepinfra.com/v1/openai/embeddings'],
    ['github', 'openai/text-embedding-3-small', {}, 'https://models.github.ai/inference/embeddings'],
    ['volcengine', 'e', {}, 'https://ark.cn-beijing.volces.com/api/v3/embeddings'],
    [
      'databricks',
      'databricks-gte-large-en',
      { settings: { databricks_host: 'adb-1.7.azuredatabricks.net' } },
      'https://adb-1.7.azuredatabricks.net/serving-endpoints/embeddings',
    ],
  ])('%s, %s, %j: %s', async (name, model, place, url) => {
    expect(await sent(name, model, place)).toMatchObject({ method: 'POST', url });
  });

  test.each<[string, Partial<Deployment>, object]>([
    [
      'openai',
      { settings: { organization: 'org-1' } },
      { authorization: 'Bearer sk-test', 'openai-organization': 'org-1' },
    ],
    ['azure', { apiBase: 'https://r.openai.azure.com' }, { 'api-key': 'sk-test' }],
    [
      'azure_ai',
      { apiBase: 'https://r.services.ai.azure.com' },
      { 'api-key': 'sk-test', 'extra-parameters': 'pass-through' },
    ],
    ['gemini', {}, { 'x-goog-api-key': 'sk-test' }],
    [
      'cohere',
      { extraHeaders: { 'x-client-name': 'us' } },
      { authorization: 'Bearer sk-test', 'x-client-name': 'us' },
    ],
  ])('%s opens its door', async (name, place, headers) => {
    expect((await sent(name, 'e', place)).headers).toEqual({ accept: 'application/json', ...headers });
  });
});

describe('what is sent', () => {
  const asked = { dimensions: 256, user: 'Ada', input_type: 'query' };
  const request = { model: 'the-model', input: two, input_type: 'query' };

  test.each<[string, Partial<Deployment>, object]>([
    ['openai', {}, { ...request, encoding_format: 'base64', dimensions: 256, user: 'Ada' }],
    ['openai', { apiBase: 'http://10.0.0.1/v1' }, { ...request, dimensions: 256, user: 'Ada' }],
    [
      'azure',
      { apiBase: 'https://r.openai.azure.com' },
      { ...request, encoding_format: 'base64', dimensions: 256, user: 'Ada' },
    ],
    ['azure_ai', { apiBase: 'https://r.services.ai.azure.com' }, { ...request, dimensions: 256 }],
    ['mistral', {}, { ...request, output_dimension: 256 }],
    [
      'cohere',
      {},
      {
        model: 'the-model',
        texts: two,
        input_type: 'query',
        output_dimension: 256,
        embedding_types: ['float'],
      },
    ],
    ['ollama', {}, { ...request, dimensions: 256 }],
    [
      'gemini',
      {},
      {
        requests: two.map((text) => ({
          model: 'models/the-model',
          content: { parts: [{ text }] },
          outputDimensionality: 256,
          inputType: 'query',
        })),
      },
    ],
    ['nvidia_nim', {}, { ...request, dimensions: 256, user: 'Ada' }],
    ['fireworks_ai', {}, { ...request, model: 'accounts/fireworks/models/the-model', dimensions: 256 }],
  ])('to %s, %j', async (name, place, body) => {
    expect((await sent(name, 'the-model', place, asked)).body).toEqual(body);
  });

  test('to Cohere says what texts are embedded for', async () => {
    expect((await sent('cohere', 'e')).body.input_type).toBe('search_document');
  });

  test('to Ollama has options in their place', async () => {
    const fields = { num_ctx: 512, truncate: false, keep_alive: '1m' };
    const { body } = await sent('ollama', 'e', {}, fields);
    expect(body).toEqual({
      model: 'e',
      input: two,
      options: { num_ctx: 512 },
      truncate: false,
      keep_alive: '1m',
    });
  });

  test('to Gemini has Google’s names', async () => {
    const { body } = await sent('gemini', 'models/e', {}, { task_type: 'CLUSTERING' });
    expect(body).toMatchObject({ requests: [{ model: 'models/e', taskType: 'CLUSTERING' }, {}] });
  });

  test('has the deployment’s own parameters, where the request does not say', async () => {
    const place = { params: { input_type: 'passage', dimensions: 8 }, additionalDropParams: ['user'] };
    const { body } = await sent(
      'hosted_vllm',
      'e',
      { apiBase: 'http://10.0.0.1/v1', ...place },
      { user: 'Ada' },
    );
    expect(body).toEqual({ model: 'e', input: two, input_type: 'passage', dimensions: 8 });
  });

  test.each<[EmbeddingRequest['input'], unknown]>([
    ['one', ['one']],
    [[1, 2], [[1, 2]]],
    [
      [[1, 2], [3]],
      [[1, 2], [3]],
    ],
  ])('input %j', async (input, expected) => {
    expect((await sent('openai', 'e', {}, { input })).body.input).toEqual(expected);
  });
});

describe('what a vendor has not', () => {
  test.each<[string, Partial<EmbeddingRequest>, string, string, string]>([
    ['gemini', { input: [1, 2] }, 'unsupported_value', 'input', 'gemini does not take tokens: send texts.'],
    [
      'cohere',
      { input: Array.from({ length: 97 }, String) },
      'unsupported_value',
      'input',
      'cohere takes at most 96 inputs in a request, not 97: send several.',
    ],
    [
      'together_ai',
      { dimensions: 3 },
      'unsupported_parameter',
      'dimensions',
      "together_ai (model e) does not support 'dimensions': leave it out, or set drop_params to have it dropped.",
    ],
  ])('%s refuses by name', async (name, fields, code, param, message) => {
    await expect(sent(name, 'e', {}, fields)).rejects.toMatchObject({ code, param, message });
  });

  test('is dropped where that is wanted', async () => {
    const fields = { dimensions: 3, drop_params: true };
    expect((await sent('together_ai', 'e', {}, fields)).body).toEqual({ model: 'e', input: two });
    const dropping = await sent('together_ai', 'e', { dropParams: true }, { dimensions: 3 });
    expect(dropping.body).toEqual({ model: 'e', input: two });
  });
});
