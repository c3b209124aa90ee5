import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { OLLAMA, OPENAI, SCRIPTED as SCRIPTED_INFO } from '../support/provider-infos.ts';

const providers = [OPENAI, OLLAMA, SCRIPTED_INFO];
const MINIMAL = `
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
`;

function read(text: string | null, environment: NodeJS.ProcessEnv = {}) {
  return readConfig(text, environment, { providers });
}

describe('defaults', () => {
  test('are these, when only a model is given', () => {
    const { config, warnings } = read(MINIMAL, { OPENAI_API_KEY: 'sk-openai' });
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 4000,
      redisUrl: null,
      dataDir: join(process.cwd(), '.sluice'),
      archiveDir: join(process.cwd(), '.sluice/archive'),
      filesDir: join(process.cwd(), '.sluice/files'),
      storage: null,
      logLevel: 'info',
      masterKey: null,
      retries: { numRetries: 2, retryAfter: 0 },
      limits: {
        maxRequestBytes: 16_777_216,
        maxOutputBytes: 16_777_216,
        jobTimeout: 86_400,
        resultTtl: 86_400,
        logTtl: 3600,
        storedTtl: 2_592_000,
        maxLostAttempts: 10,
        concurrency: 500,
        drainGrace: 5,
        readerStallTimeout: 30,
        keepAlive: 15,
        maxFileBytes: 536_870_912,
        maxBatchLines: 50_000,
        maxBatchBytes: 209_715_200,
        batchTimeout: 86_400,
        batchWindow: 1000,
      },
      webhooks: { secret: null, allowHosts: [], timeout: 15, retry: 5, endpoints: [] },
      modelGroups: [
        {
          name: 'gpt-4o',
          deployments: [
            {
              id: 'gpt-4o#1',
              provider: 'openai',
              model: 'gpt-4o',
              apiBase: 'https://api.openai.com/v1',
              apiKey: 'sk-openai',
              settings: {},
              extraHeaders: {},
              dropParams: false,
              additionalDropParams: [],
              timeout: 600,
              streamTimeout: 300,
              params: {},
              prices: null,
              baseModel: null,
            },
          ],
        },
      ],
    });
    expect(warnings).toEqual([]);
  });

  test('give way to every setting of general_settings and router_settings', () => {
    const { config } = read(`${MINIMAL}
general_settings:
  master_key: sk-master
  max_request_bytes: 1
  max_output_bytes: 2
  job_timeout: 3
  result_ttl: 4
  log_ttl: 5
  stored_ttl: 10
  max_lost_attempts: 6
  concurrency: 7
  drain_grace: 0
  reader_stall_timeout: 0.5
  keepalive_seconds: 20
  max_file_bytes: 1000
  max_batch_lines: 10
  max_batch_bytes: 500
  batch_timeout: 60
  batch_window: 5
router_settings: {num_retries: 0, retry_after: 1.5, timeout: 8, stream_timeout: 9}
`);
    expect(config.masterKey).toBe('sk-master');
    expect(config.limits).toEqual({
      maxRequestBytes: 1,
      maxOutputBytes: 2,
      jobTimeout: 3,
      resultTtl: 4,
      logTtl: 5,
      storedTtl: 10,
      maxLostAttempts: 6,
      concurrency: 7,
      drainGrace: 0,
      readerStallTimeout: 0.5,
      keepAlive: 20,
      maxFileBytes: 1000,
      maxBatchLines: 10,
      maxBatchBytes: 500,
      batchTimeout: 60,
      batchWindow: 5,
    });
    expect(config.retries).toEqual({ numRetries: 0, retryAfter: 1.5 });
    expect(config.modelGroups[0]?.deployments[0]).toMatchObject({ timeout: 8, streamTimeout: 9 });
  });

  test('a stored job is never kept for less time than another', () => {
    const kept = (settings: string) =>
      read(`${MINIMAL}general_settings: ${settings}`).config.limits.storedTtl;
    expect(kept('{result_ttl: 100, stored_ttl: 7}')).toBe(100);
    expect(kept('{result_ttl: 5000000}')).toBe(5_000_000);
  });

  test('are LiteLLM settings where router_settings says nothing', () => {
    const settings = 'litellm_settings: {num_retries: 5, request_timeout: 60}';
    const low = read(`${MINIMAL}${settings}`);
    expect(low.config.retries.numRetries).toBe(5);
    expect(low.config.modelGroups[0]?.deployments[0]?.timeout).toBe(60);
    const high = read(`${MINIMAL}${settings}\nrouter_settings: {num_retries: 1, timeout: 2}`, {
      OPENAI_API_KEY: 'sk-openai',
    });
    expect(high.config.retries.numRetries).toBe(1);
    expect(high.config.modelGroups[0]?.deployments[0]?.timeout).toBe(2);
    expect(high.warnings).toEqual([]);
  });

  test('cannot be changed, nor anything else', () => {
    const { config } = read(`${MINIMAL}      logit_bias: {"50256": -100}\n      stop: [a]`);
    const params = config.modelGroups[0]?.deployments[0]?.params;
    expect(params).toEqual({ logit_bias: { '50256': -100 }, stop: ['a'] });
    for (const part of [config, config.limits, config.retries, config.modelGroups, config.modelGroups[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    const [bias, stop] = Object.values(params ?? {});
    expect(() => Object.assign(bias as object, { '1': 2 })).toThrow(TypeError);
    expect(() => (stop as string[]).push('b')).toThrow(TypeError);
  });
});

describe('without a file', () => {
  const SCRIPTED = {
    name: 'scripted/*',
    deployments: [
      {
        id: 'scripted/*#1',
        provider: 'scripted',
        model: '*',
        apiBase: null,
        apiKey: null,
        settings: {},
        extraHeaders: {},
        dropParams: false,
        additionalDropParams: [],
        timeout: 600,
        streamTimeout: 300,
        params: {},
        prices: null,
        baseModel: null,
      },
    ],
  };

  test('the scripted provider is served', () => {
    expect(read(null).config.modelGroups).toEqual([SCRIPTED]);
  });

  test.each([
    [{}, 'https://api.openai.com/v1'],
    [{ OPENAI_API_BASE: 'http://a.example/v1' }, 'http://a.example/v1'],
    [
      { OPENAI_API_BASE: 'http://a.example/v1', OPENAI_BASE_URL: 'http://b.example/v1/' },
      'http://b.example/v1',
    ],
  ])('OpenAI is served if OPENAI_API_KEY is set, with %j at %s', (environment, apiBase) => {
    expect(read(null, environment).config.modelGroups).toEqual([SCRIPTED]);
    const [, group] = read(null, { OPENAI_API_KEY: 'sk-openai', ...environment }).config.modelGroups;
    expect(group).toMatchObject({
      name: 'openai/*',
      deployments: [{ id: 'openai/*#1', provider: 'openai', model: '*', apiKey: 'sk-openai', apiBase }],
    });
  });

  test('Ollama is served if it answers', () => {
    const { config } = readConfig(null, {}, { providers, ollama: true });
    expect(config.modelGroups).toHaveLength(2);
    expect(config.modelGroups[1]).toMatchObject({
      name: 'ollama/*',
      deployments: [
        {
          id: 'ollama/*#1',
          provider: 'ollama',
          model: '*',
          apiBase: 'http://127.0.0.1:11434',
          apiKey: null,
          settings: {},
          extraHeaders: {},
          dropParams: false,
          additionalDropParams: [],
        },
      ],
    });
  });
});
