import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { OPENAI, providerInfo, SCRIPTED } from '../support/provider-infos.ts';

const providers = [OPENAI, SCRIPTED];

function read(text: string, environment: NodeJS.ProcessEnv = {}) {
  return readConfig(text, environment, { providers });
}

/** Every mistake as `path: message`. */
function mistakes(text: string, environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    read(text, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

/** A model list of one entry, with these lines in its `litellm_params`. */
function entry(name: string, ...params: string[]): string {
  const lines = params.map((line) => `      ${line}\n`).join('');
  return `model_list:\n  - model_name: ${JSON.stringify(name)}\n    litellm_params:\n${lines}`;
}

function onlyDeployment(text: string, environment: NodeJS.ProcessEnv = {}): Deployment | undefined {
  return read(text, environment).config.modelGroups[0]?.deployments[0];
}

test('entries with one name are deployments of one group, in the order of the file', () => {
  const { config } = read(`
model_list:
  - {model_name: a, litellm_params: {model: openai/one}}
  - {model_name: b, litellm_params: {model: scripted/two}}
  - {model_name: a, litellm_params: {model: openai/org/three}}
`);
  const groups = config.modelGroups.map(({ name, deployments }) => [
    name,
    deployments.map(({ id, provider, model }) => `${id} ${provider} ${model}`),
  ]);
  expect(groups).toEqual([
    ['a', ['a#1 openai one', 'a#2 openai org/three']],
    ['b', ['b#1 scripted two']],
  ]);
});

describe('model_name', () => {
  const QUEUE =
    'must not contain ":", "{", "}", spaces or control characters, because it names a queue; litellm_params.model may';
  const STAR = 'may have a * only at its end and after a slash, as "openai/*"';

  test.each([
    ['llama3:8b', QUEUE],
    ['{a}', QUEUE],
    ['a}', QUEUE],
    ['a b', QUEUE],
    ['a\tb', QUEUE],
    ['a\u00a0b', QUEUE],
    ['a\u0007b', QUEUE],
    ['a'.repeat(201), 'must have at most 200 characters'],
    ['', 'is required: the model name that clients ask for'],
    ['*', STAR],
    ['gpt-*', STAR],
    ['*/a', STAR],
    ['a/*/*', STAR],
  ])('%j is refused', (name, message) => {
    expect(mistakes(entry(name, 'model: openai/x'))).toEqual([`model_list[0].model_name: ${message}`]);
  });

  test.each(['gpt-4o', 'a'.repeat(200), 'org/model.v1@2024_11#3', 'größe', 'a/*', 'a/b/*'])(
    '%s is taken',
    (name) => {
      expect(read(entry(name, 'model: openai/x')).config.modelGroups[0]?.name).toBe(name);
    },
  );
});

describe('litellm_params.model', () => {
  const SERVER = "for a server that speaks OpenAI's API, write openai/<its model> and its api_base";
  const LIST = 'docs/providers.md lists them';

  test.each([
    ['opnai/x', `unknown provider in "opnai/x"; did you mean "openai"? (${LIST}; ${SERVER})`],
    ['OpenAI/x', `unknown provider in "OpenAI/x"; did you mean "openai"? (${LIST}; ${SERVER})`],
    ['bedrock/x', `unknown provider in "bedrock/x" (${LIST}; ${SERVER})`],
    ['gpt-4', `must be provider/name, as "openai/gpt-4"; ${LIST}`],
    ['/gpt-4', `must be provider/name, as "openai/gpt-4"; ${LIST}`],
    ['openai/', `must be provider/name, as "openai/gpt-4o"; ${LIST}`],
    ['openai/gpt-*', 'may have a * only as its last part, as "openai/*"'],
    ['openai/*', 'has a *, which model_name must have too for it to stand for anything'],
  ])('%s is refused', (model, message) => {
    expect(mistakes(entry('a', `model: ${model}`))).toEqual([
      `model_list[0].litellm_params.model: ${message}`,
    ]);
  });

  test.each([
    ['a/*', 'openai/*', '*'],
    ['a/*', 'openai/org/*', 'org/*'],
    ['a/*', 'openai/gpt-4o', 'gpt-4o'],
    ['a', 'openai/llama3:8b', 'llama3:8b'],
  ])('%s may be %s', (name, model, upstream) => {
    expect(onlyDeployment(entry(name, `model: ${model}`))?.model).toBe(upstream);
  });

  test('knows the providers it is told of, and no others', () => {
    const text = entry('a', 'model: anthropic/claude');
    const others = { providers: [providerInfo('anthropic')] };
    const { config } = readConfig(text, {}, others);
    expect(config.modelGroups[0]?.deployments[0]?.provider).toBe('anthropic');
    expect(() => readConfig(entry('a', 'model: openai/x'), {}, others)).toThrow(ConfigError);
  });

  test('is never shown when it comes from the environment', () => {
    const text = entry('a', 'model: os.environ/SECRET');
    for (const SECRET of ['sk-secret', 'sk-secret/x', 'opnai/sk-secret']) {
      const found = mistakes(text, { SECRET }).join();
      expect(found).toContain('model_list[0].litellm_params.model: ');
      expect(found).not.toContain('secret');
    }
  });
});

describe('credentials', () => {
  const OPENAI = { OPENAI_API_KEY: 'sk-openai', OPENAI_BASE_URL: 'https://proxy.example/v1/' };

  test('of openai default to the environment', () => {
    const deployment = onlyDeployment(entry('a', 'model: openai/x'), OPENAI);
    expect(deployment).toMatchObject({ apiBase: 'https://proxy.example/v1', apiKey: 'sk-openai' });
    expect(read(entry('a', 'model: openai/x'), OPENAI).warnings).toEqual([]);
  });

  test('of other providers do not', () => {
    expect(onlyDeployment(entry('a', 'model: scripted/x'), OPENAI)).toMatchObject({
      apiBase: null,
      apiKey: null,
    });
  });

  test('given in the file win, and a trailing slash is dropped', () => {
    const text = entry(
      'a',
      'model: openai/x',
      'api_base: http://10.0.0.1:8000/v1//',
      'api_key: os.environ/OWN',
    );
    const deployment = onlyDeployment(text, { ...OPENAI, OWN: 'sk-own' });
    expect(deployment).toMatchObject({ apiBase: 'http://10.0.0.1:8000/v1', apiKey: 'sk-own' });
    expect(read(text, { ...OPENAI, OWN: 'sk-own' }).warnings).toEqual([]);
  });

  test('sent to another api_base than their own are worth a warning', () => {
    const text = entry('a', 'model: openai/x', 'api_base: http://10.0.0.1/v1');
    expect(onlyDeployment(text, OPENAI)?.apiKey).toBe('sk-openai');
    expect(read(text, OPENAI).warnings).toEqual([
      'model_list[0].litellm_params.api_key: not given, so OPENAI_API_KEY is sent to this api_base; ' +
        'write `api_key: null` to send none',
    ]);
    expect(read(text).warnings).toEqual([]);
  });

  test.each(['api_key: null', 'api_key:', 'api_key: ""'])('%s sends none', (line) => {
    expect(onlyDeployment(entry('a', 'model: openai/x', line), OPENAI)?.apiKey).toBeNull();
  });

  test.each([
    ['api_key: 1234', 'must be text: put it in quotes'],
    ['api_key: "sk 1"', 'must be visible ASCII characters only, without spaces or line breaks'],
    ['api_key: os.environ/LINE', 'must be visible ASCII characters only, without spaces or line breaks'],
  ])('%s is refused', (line, message) => {
    expect(mistakes(entry('a', 'model: openai/x', line), { LINE: 'sk-1\n' })).toEqual([
      `model_list[0].litellm_params.api_key: ${message}`,
    ]);
  });

  test.each(['ftp://a/v1', 'a.example/v1', 'https://user:pass@a/v1', 'https://a/v1#x', 'https://a/v 1'])(
    'api_base %s is refused',
    (url) => {
      expect(mistakes(entry('a', 'model: openai/x', `api_base: "${url}"`))).toEqual([
        'model_list[0].litellm_params.api_base: must be a URL as https://host/v1, without credentials or fragment',
      ]);
    },
  );
});

describe('request fields', () => {
  test('pass into params, references resolved at any depth, empty ones left out', () => {
    const deployment = onlyDeployment(
      entry(
        'a',
        'model: openai/x',
        'temperature: 0.2',
        'max_tokens: 100',
        'user: os.environ/WHO',
        'metadata: {team: [os.environ/WHO]}',
        'top_k: 5',
        'min_tokens: 3',
        'some_vendor_field: {deep: true}',
        'seed: null',
        'extra_body: {timout: 3, tier: os.environ/WHO}',
      ),
      { WHO: 'me' },
    );
    expect(deployment?.params).toEqual({
      temperature: 0.2,
      max_tokens: 100,
      user: 'me',
      metadata: { team: ['me'] },
      top_k: 5,
      min_tokens: 3,
      some_vendor_field: { deep: true },
      timout: 3,
      tier: 'me',
    });
  });

  test('do not contain what is Sluice’s own, or nobody’s', () => {
    const { config, warnings } = read(
      entry(
        'a',
        'model: openai/x',
        'api_key: sk-1',
        'timeout: 1',
        'stream_timeout: os.environ/SECONDS',
        'rpm: 3',
        'aws_region_name: x',
        'stream: true',
      ),
      { SECONDS: '2.5' },
    );
    const [deployment] = config.modelGroups[0]?.deployments ?? [];
    expect(deployment).toMatchObject({ timeout: 1, streamTimeout: 2.5, params: {} });
    expect(deployment?.params).toEqual({});
    expect(warnings).toEqual([
      'model_list[0].litellm_params.rpm: known from LiteLLM, ignored by Sluice',
      'model_list[0].litellm_params.aws_region_name: known from LiteLLM, ignored by Sluice',
      'model_list[0].litellm_params.stream: ignored: Sluice sets it itself on every call',
    ]);
  });

  test.each([
    ['temprature: 1', 'temprature', 'temperature'],
    ['max_token: 1', 'max_token', 'max_tokens'],
    ['tiemout: 1', 'tiemout', 'timeout'],
    ['apiKey: x', 'apiKey', 'api_key'],
    ['api-base: x', 'api-base', 'api_base'],
  ])('%s is a typing error', (line, key, meant) => {
    const path = /^[\w-]+$/.test(key) ? `model_list[0].litellm_params.${key}` : key;
    expect(mistakes(entry('a', 'model: openai/x', line))).toEqual([
      `${path}: unknown key; did you mean "${meant}"? (if the provider does have this field, put it under extra_body)`,
    ]);
  });

  test.each([
    ['base_url: http://a', 'base_url', 'unknown key; write it as "api_base"'],
    ['temperature: hot', 'temperature', 'invalid input: expected number, received string'],
    ['max_tokens: 0', 'max_tokens', 'too small: expected number to be >=1'],
    ['timeout: 0', 'timeout', 'must be a number of seconds above 0, up to 2147483'],
    ['timeout: 2147484', 'timeout', 'must be a number of seconds above 0, up to 2147483'],
    ['stream_timeout: soon', 'stream_timeout', 'must be a number of seconds above 0, up to 2147483'],
    ['extra_body: 3', 'extra_body', 'must be a map of request fields'],
    ['user: os.environ/UNSET', 'user', 'the environment variable UNSET is not set, or empty: set it'],
  ])('%s is refused', (line, key, message) => {
    expect(mistakes(entry('a', 'model: openai/x', line))).toEqual([
      `model_list[0].litellm_params.${key}: ${message}`,
    ]);
  });
});
