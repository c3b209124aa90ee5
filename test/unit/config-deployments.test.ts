import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { OPENAI, providerInfo, SCRIPTED } from '../support/provider-infos.ts';

const providers = [OPENAI, providerInfo('azure'), providerInfo('azure_ai'), SCRIPTED];
const environment = { OPENAI_API_KEY: 'sk-1', TEAM: 'blue', COST: '2e-6' };
const providerOfModel = (model: string): string | null => (model.startsWith('gpt-') ? 'openai' : null);

type Fields = Readonly<Record<string, unknown>>;

/** A configuration of one model, `openai/x` unless `params` say otherwise. */
function read(params: Fields = {}, entry: Fields = {}, file: Fields = {}) {
  const litellm_params = { model: 'openai/x', ...params };
  const text = JSON.stringify({ model_list: [{ model_name: 'a', litellm_params, ...entry }], ...file });
  return readConfig(text, environment, { providers, providerOfModel });
}

function deploymentOf(params: Fields = {}, entry: Fields = {}, file: Fields = {}): Deployment {
  const { config, warnings } = read(params, entry, file);
  expect(warnings).toEqual([]);
  const [deployment] = config.modelGroups[0]?.deployments ?? [];
  if (deployment === undefined) throw new Error('There is no deployment.');
  return deployment;
}

/** Every mistake as `path: message`, without what all paths begin with. */
function mistakes(params: Fields, entry: Fields = {}): string[] {
  try {
    read(params, entry);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ path, message }) => `${path.replace(/^model_list\[0\]\.(litellm_params\.)?/, '')}: ${message}`,
    );
  }
  return [];
}

describe('the provider', () => {
  test.each([
    [{ model: 'gpt-4o' }, 'openai', 'gpt-4o'],
    [{ model: 'azure/gpt-4o' }, 'azure', 'gpt-4o'],
    [{ model: 'mine', custom_llm_provider: 'azure' }, 'azure', 'mine'],
    [{ model: 'azure/mine', custom_llm_provider: 'azure' }, 'azure', 'mine'],
    [{ model: 'openai/mine', custom_llm_provider: 'azure' }, 'azure', 'openai/mine'],
    [{ model: 'org/mine', custom_llm_provider: 'azure' }, 'azure', 'org/mine'],
    [{ model: 'gpt-4o', custom_llm_provider: 'azure' }, 'azure', 'gpt-4o'],
  ])('of %j is %s, with the model %s', (params, provider, model) => {
    expect(deploymentOf(params)).toMatchObject({ provider, model });
  });

  test.each([
    [
      { model: 'claude-x' },
      'model: must be provider/name, as "openai/claude-x"; docs/providers.md lists them',
    ],
    [
      { model: 'azur/x' },
      'model: unknown provider in "azur/x"; did you mean "azure"? (docs/providers.md lists them; ' +
        "for a server that speaks OpenAI's API, write openai/<its model> and its api_base)",
    ],
    [
      { model: 'azure_a/x' },
      'model: unknown provider in "azure_a/x"; did you mean "azure" or "azure_ai"? (docs/providers.md lists them; ' +
        "for a server that speaks OpenAI's API, write openai/<its model> and its api_base)",
    ],
    [
      { custom_llm_provider: 'azur' },
      'custom_llm_provider: unknown provider "azur"; did you mean "azure"? (docs/providers.md lists them)',
    ],
    [
      { custom_llm_provider: 'os.environ/TEAM' },
      'custom_llm_provider: unknown provider (docs/providers.md lists them)',
    ],
    [
      { model: 'x/*', custom_llm_provider: 'azure' },
      'model: has a *, which model_name must have too for it to stand for anything',
    ],
  ])('of %j cannot be told', (params, message) => {
    expect(mistakes(params)).toEqual([message]);
  });

  test('that is well known but does not exist here is a mistake as any other', () => {
    const text = JSON.stringify({ model_list: [{ model_name: 'a', litellm_params: { model: 'gpt-4o' } }] });
    expect(() => readConfig(text, {}, { providers: [SCRIPTED], providerOfModel })).toThrow(
      'must be provider/name, as "openai/gpt-4o"',
    );
  });
});

describe('extra headers', () => {
  test('are read from both keys, with lower-case names', () => {
    const params = {
      headers: { 'X-Team': 'os.environ/TEAM', 'X-Both': 'a' },
      extra_headers: { 'x-both': 'b', 'X-Number': 3 },
    };
    expect(deploymentOf(params).extraHeaders).toEqual({ 'x-team': 'blue', 'x-both': 'b', 'x-number': '3' });
  });

  test.each([
    ['a', 'extra_headers: must be a map of HTTP headers'],
    [['a'], 'extra_headers: must be a map of HTTP headers'],
    [{ 'a b': 'c' }, 'extra_headers["a b"]: is not the name of an HTTP header'],
    [
      { 'x-a': 'b\nc' },
      'extra_headers.x-a: must be one line of text, in characters that HTTP headers can carry',
    ],
    [
      { 'x-a': '世' },
      'extra_headers.x-a: must be one line of text, in characters that HTTP headers can carry',
    ],
    [{ 'x-a': ['b'] }, 'extra_headers.x-a: must be text: put it in quotes'],
    [
      { 'x-a': 'os.environ/UNSET' },
      'extra_headers.x-a: the environment variable UNSET is not set, or empty: set it',
    ],
    [
      { 'Content-Length': '3' },
      'extra_headers.Content-Length: cannot be set: Sluice and the connection set it',
    ],
  ])('%j are refused', (headers, message) => {
    expect(mistakes({ extra_headers: headers })).toEqual([message]);
  });
});

describe('drop_params', () => {
  test.each([
    [{}, {}, false],
    [{}, { drop_params: true }, true],
    [{ drop_params: false }, { drop_params: true }, false],
    [{ drop_params: 'True' }, {}, true],
  ])('%j with litellm_settings %j is %j', (params, litellm_settings, dropParams) => {
    expect(deploymentOf(params, {}, { litellm_settings }).dropParams).toBe(dropParams);
  });

  test('is true or false', () => {
    expect(mistakes({ drop_params: 'yes' })).toEqual(['drop_params: must be true or false']);
  });

  test('has a list of fields beside it', () => {
    expect(deploymentOf({ additional_drop_params: ['seed', 'user'] }).additionalDropParams).toEqual([
      'seed',
      'user',
    ]);
    expect(mistakes({ additional_drop_params: 'seed' })).toEqual([
      'additional_drop_params: must be a list of names of request fields',
    ]);
    const { config, warnings } = read({ additional_drop_params: ['seed', 'tools[*].strict'] });
    expect(config.modelGroups[0]?.deployments[0]?.additionalDropParams).toEqual(['seed']);
    expect(warnings).toEqual([
      'model_list[0].litellm_params.additional_drop_params[1]: ignored: only whole fields can be dropped',
    ]);
  });
});

describe('prices', () => {
  test('stand in litellm_params or model_info, and the former go first', () => {
    const params = { input_cost_per_token: 1e-6, output_cost_per_token: 'os.environ/COST' };
    expect(deploymentOf(params)).toMatchObject({
      params: {},
      prices: {
        inputCostPerToken: 1e-6,
        outputCostPerToken: 2e-6,
        cacheReadCostPerToken: null,
        cacheWriteCostPerToken: null,
      },
    });
    const model_info = {
      input_cost_per_token: '3e-06',
      output_cost_per_token: 0,
      cache_read_input_token_cost: 1e-7,
      cache_creation_input_token_cost: 2e-7,
    };
    expect(deploymentOf({ input_cost_per_token: 4e-6 }, { model_info }).prices).toEqual({
      inputCostPerToken: 4e-6,
      outputCostPerToken: 0,
      cacheReadCostPerToken: 1e-7,
      cacheWriteCostPerToken: 2e-7,
    });
    expect(deploymentOf().prices).toBeNull();
  });

  test.each([-1, 'dear', true, '1e', [1]])('of %j are refused', (price) => {
    const message = 'must be a number of US dollars from 0';
    expect(mistakes({ input_cost_per_token: price })).toEqual([`input_cost_per_token: ${message}`]);
    expect(mistakes({}, { model_info: { output_cost_per_token: price } })).toEqual([
      `model_info.output_cost_per_token: ${message}`,
    ]);
  });

  test('of one direction alone are ignored with a warning', () => {
    const { config, warnings } = read({ output_cost_per_token: 1e-6 });
    expect(config.modelGroups[0]?.deployments[0]?.prices).toBeNull();
    expect(warnings).toEqual([
      'model_list[0]: its prices are ignored, because input_cost_per_token is not among them',
    ]);
  });

  test('are those of a base model, if one is named', () => {
    expect(deploymentOf().baseModel).toBeNull();
    expect(deploymentOf({}, { model_info: { base_model: 'azure/gpt-4o' } }).baseModel).toBe('azure/gpt-4o');
    const params = { base_model: 'gpt-4o' };
    expect(deploymentOf(params, { model_info: { base_model: 'azure/gpt-4o' } }).baseModel).toBe('gpt-4o');
    expect(deploymentOf(params).params).toEqual({});
  });

  test('are all that model_info is read for', () => {
    const { warnings } = read({}, { model_info: { base_model: 'gpt-4o', mode: 'chat' } });
    expect(warnings).toEqual([
      'model_list[0].model_info: Sluice uses base_model and the prices of it, and ignores the rest',
    ]);
    expect(mistakes({}, { model_info: 'chat' })).toEqual([
      'model_info: must be a map of settings (lines of `name: value`, indented)',
    ]);
  });
});
