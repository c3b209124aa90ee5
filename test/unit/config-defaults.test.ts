import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { PROVIDER_INFOS } from '../../src/providers/registry.ts';
import { OLLAMA, OPENAI, providerInfo, SCRIPTED } from '../support/provider-infos.ts';

const SIGNED = providerInfo('signed', {
  keyVariables: ['SIGNED_KEY'],
  keyOptional: true,
  baseVariables: ['SIGNED_BASE'],
  settings: [
    { name: 'signed_region', variables: ['SIGNED_REGION'], about: 'the region', required: true },
    { name: 'signed_secret', variables: ['SIGNED_SECRET'], about: 'what signs', secret: true },
  ],
});
const HOSTED = providerInfo('hosted', {
  keyVariables: ['HOSTED_KEY'],
  keyOptional: true,
  baseVariables: ['HOSTED_BASE'],
  needsBase: true,
});

const providers = [OPENAI, OLLAMA, SIGNED, HOSTED, SCRIPTED];

/** The names of the groups that there are without a file. */
function groups(environment: NodeJS.ProcessEnv, ollama = false): string[] {
  const { config, fromFile } = readConfig(null, environment, { providers, ollama });
  expect(fromFile).toBe(false);
  return config.modelGroups.map(({ name }) => name);
}

describe('without a file', () => {
  test.each([
    [{}, []],
    [{ OPENAI_API_KEY: '' }, []],
    [{ OPENAI_API_KEY: 'sk-1' }, ['openai/*']],
    [{ OPENAI_BASE_URL: 'http://a.example/v1' }, []],
    [{ OPENAI_API_KEY: 'sk-1', OLLAMA_API_KEY: 'sk-2' }, ['openai/*', 'ollama/*']],
    [{ OLLAMA_API_BASE: 'http://a.example' }, ['ollama/*']],
    [{ SIGNED_KEY: 'sk-1' }, []],
    [{ SIGNED_REGION: 'eu-1' }, []],
    [{ SIGNED_KEY: 'sk-1', SIGNED_REGION: 'eu-1' }, ['signed/*']],
    [{ SIGNED_SECRET: 'hush', SIGNED_REGION: 'eu-1' }, ['signed/*']],
    [{ HOSTED_KEY: 'sk-1' }, []],
    [{ HOSTED_BASE: 'http://a.example' }, ['hosted/*']],
  ])('%j serves %j besides scripted/*', (environment, expected) => {
    expect(groups(environment)).toEqual(['scripted/*', ...expected]);
  });

  test('a running Ollama is served once', () => {
    expect(groups({}, true)).toEqual(['scripted/*', 'ollama/*']);
    expect(groups({ OLLAMA_API_KEY: 'sk-1' }, true)).toEqual(['scripted/*', 'ollama/*']);
  });

  test('a group has all that the environment says of it', () => {
    const environment = { SIGNED_SECRET: 'hush', SIGNED_REGION: 'eu-1', SIGNED_BASE: 'http://a.example/' };
    const { config } = readConfig(null, environment, { providers });
    expect(config.modelGroups[1]).toMatchObject({
      name: 'signed/*',
      deployments: [
        {
          id: 'signed/*#1',
          provider: 'signed',
          model: '*',
          apiBase: 'http://a.example',
          apiKey: null,
          settings: { signed_region: 'eu-1', signed_secret: 'hush' },
        },
      ],
    });
  });

  test('a key that is none is a mistake, but not where nobody would use it', () => {
    expect(() => groups({ OPENAI_API_KEY: 'sk 1' })).toThrow(ConfigError);
    expect(groups({ OPENAI_BASE_URL: 'nowhere' })).toEqual(['scripted/*']);
  });

  test('every provider that there is can be served by its variables alone', () => {
    const names = (info: (typeof PROVIDER_INFOS)[number]): string[] => [
      ...info.keyVariables.slice(0, 1),
      ...info.settings.flatMap(({ variables }) => variables.slice(0, 1)),
    ];
    for (const info of PROVIDER_INFOS) {
      const environment: NodeJS.ProcessEnv = Object.fromEntries(names(info).map((name) => [name, 'x-1']));
      if (info.needsBase) environment[info.baseVariables[0] ?? ''] = 'http://a.example';
      const { config } = readConfig(null, environment, { providers: PROVIDER_INFOS });
      expect(config.modelGroups.map(({ name }) => name)).toContain(`${info.name}/*`);
    }
  });
});

test('with a file, the environment adds no group', () => {
  const text = 'model_list: [{model_name: a, litellm_params: {model: scripted/x}}]';
  const { config, fromFile } = readConfig(text, { OPENAI_API_KEY: 'sk-1' }, { providers });
  expect(fromFile).toBe(true);
  expect(config.modelGroups.map(({ name }) => name)).toEqual(['a']);
});
