import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { OPENAI, providerInfo, SCRIPTED } from '../support/provider-infos.ts';

/** A provider with an address for each customer, and credentials of several kinds. */
const CLOUD = providerInfo('cloud', {
  title: 'Cloud',
  keyVariables: ['CLOUD_KEY', 'CLOUD_TOKEN'],
  keyOptional: true,
  baseVariables: ['CLOUD_BASE', 'CLOUD_ENDPOINT'],
  needsBase: true,
  promptTemplates: true,
  settings: [
    { name: 'cloud_version', variables: ['CLOUD_VERSION'], about: 'the version, as 2026-01-01' },
    {
      name: 'cloud_region',
      variables: ['CLOUD_REGION', 'CLOUD_DEFAULT_REGION'],
      about: 'the region, as eu-1',
      required: true,
    },
    { name: 'cloud_secret', variables: ['CLOUD_SECRET'], about: 'what signs', secret: true },
  ],
});

/** A provider whose address a setting is part of. */
const TENANT = providerInfo('tenant', {
  title: 'Tenant',
  keyVariables: ['TENANT_KEY'],
  baseVariables: ['TENANT_BASE'],
  settings: [
    { name: 'tenant_host', variables: ['TENANT_HOST'], about: 'your host', required: 'without_base' },
  ],
});

/** A provider with an address of its own and a second sort of credential. */
const VENDOR = providerInfo('vendor', {
  title: 'Vendor',
  keyVariables: ['VENDOR_KEY'],
  apiBase: 'https://vendor.example/v1',
  settings: [{ name: 'vendor_token', variables: ['VENDOR_TOKEN'], about: 'a token', secret: true }],
});

const providers = [OPENAI, CLOUD, TENANT, VENDOR, SCRIPTED];

type Params = Readonly<Record<string, unknown>>;

function read(params: Params, environment: NodeJS.ProcessEnv = {}, entry: object = {}) {
  const text = JSON.stringify({ model_list: [{ model_name: 'a', litellm_params: params, ...entry }] });
  return readConfig(text, environment, { providers });
}

function deploymentOf(params: Params, environment: NodeJS.ProcessEnv = {}, entry: object = {}): Deployment {
  const [deployment] = read(params, environment, entry).config.modelGroups[0]?.deployments ?? [];
  if (deployment === undefined) throw new Error('There is no deployment.');
  return deployment;
}

/** Every mistake as `key: message`, the key being below `litellm_params`. */
function mistakes(params: Params, environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    read(params, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ path, message }) => `${path.replace('model_list[0].litellm_params.', '')}: ${message}`,
    );
  }
  return [];
}

function warnings(params: Params, environment: NodeJS.ProcessEnv = {}, entry: object = {}): string[] {
  const all = read(params, environment, entry).warnings;
  return all.map((warning) => warning.replace('model_list[0].litellm_params.', ''));
}

const BASE = 'https://mine.example/v1';
const cloud = { model: 'cloud/x', api_base: BASE, cloud_region: 'eu-1' };

describe('settings of a provider', () => {
  test('come from the file, which goes before the environment', () => {
    const environment = { CLOUD_REGION: 'us-9', CLOUD_VERSION: 'v9', MINE: 'hush' };
    const params = { ...cloud, cloud_version: 3, cloud_secret: 'os.environ/MINE' };
    expect(deploymentOf(params, environment).settings).toEqual({
      cloud_version: '3',
      cloud_region: 'eu-1',
      cloud_secret: 'hush',
    });
    expect(deploymentOf(params, environment).params).toEqual({});
  });

  test('come from the first of their variables that is set, without blanks around them', () => {
    const { cloud_region: _, ...params } = cloud;
    const environment = { CLOUD_REGION: '', CLOUD_DEFAULT_REGION: 'us-2\n', CLOUD_SECRET: 'hush' };
    expect(deploymentOf(params, environment).settings).toEqual({
      cloud_region: 'us-2',
      cloud_secret: 'hush',
    });
  });

  test.each([null, ''])('do without the environment where the file says %j', (nothing) => {
    const params = { ...cloud, cloud_version: nothing };
    expect(deploymentOf(params, { CLOUD_VERSION: 'v9' }).settings).toEqual({ cloud_region: 'eu-1' });
  });

  test('may be a map where they are credentials', () => {
    const params = { ...cloud, cloud_secret: { type: 'account', key: 'os.environ/MINE' } };
    const { cloud_secret } = deploymentOf(params, { MINE: 'hush' }).settings;
    expect(JSON.parse(cloud_secret ?? '')).toEqual({ type: 'account', key: 'hush' });
    expect(mistakes({ ...cloud, cloud_version: { a: 1 } })).toEqual([
      'cloud_version: must be text: put it in quotes',
    ]);
  });

  test('that are required are mistakes when missing, and say what they are', () => {
    const what = 'is required: the region, as eu-1';
    const how = 'write it here, or set the environment variable CLOUD_REGION or CLOUD_DEFAULT_REGION';
    expect(mistakes({ model: 'cloud/x', api_base: BASE })).toEqual([`cloud_region: ${what}; ${how}`]);
    expect(mistakes({ ...cloud, cloud_region: null }, { CLOUD_REGION: 'us-9' })).toEqual([
      `cloud_region: ${what}; ${how}`,
    ]);
    expect(mistakes({ ...cloud, cloud_region: 'os.environ/UNSET' })).toEqual([
      'cloud_region: the environment variable UNSET is not set, or empty: set it',
    ]);
  });

  test('that make up the address are required only without one', () => {
    const tenant = { model: 'tenant/x', api_key: 'sk-1' };
    expect(mistakes(tenant)).toEqual([
      'tenant_host: is required without an api_base: your host; write it here, or set the environment variable TENANT_HOST',
    ]);
    expect(deploymentOf(tenant, { TENANT_HOST: 'h' })).toMatchObject({
      apiBase: null,
      settings: { tenant_host: 'h' },
    });
    expect(deploymentOf({ ...tenant, api_base: BASE }).apiBase).toBe(BASE);
    expect(deploymentOf(tenant, { TENANT_BASE: BASE }).apiBase).toBe(BASE);
  });

  test('may have the name that LiteLLM gives them for all providers', () => {
    const about = 'the region';
    const aws = providerInfo('aws', { settings: [{ name: 'aws_region_name', variables: [], about }] });
    const litellm_params = { model: 'aws/x', region_name: 'eu-1' };
    const text = JSON.stringify({ model_list: [{ model_name: 'a', litellm_params }] });
    const { config, warnings: told } = readConfig(text, {}, { providers: [aws] });
    expect(config.modelGroups[0]?.deployments[0]?.settings).toEqual({ aws_region_name: 'eu-1' });
    expect(told).toEqual([]);
  });

  test('of another provider are told and left out', () => {
    const params = { model: 'openai/x', api_key: 'sk-1', cloud_region: 'eu-1', vendor_token: 't' };
    expect(warnings(params)).toEqual([
      'cloud_region: not used by openai',
      'vendor_token: not used by openai',
    ]);
    expect(deploymentOf(params)).toMatchObject({ settings: {}, params: {} });
  });

  test('do not include the template of a prompt, which reaches those who write one', () => {
    const params = { roles: { user: { pre_message: 'U: ' } }, bos_token: '<s>' };
    const told = ['roles: not used by vendor', 'bos_token: not used by vendor'];
    expect(warnings({ model: 'vendor/x', api_key: 'sk-1', ...params })).toEqual(told);
    expect(deploymentOf({ ...cloud, ...params }).params).toEqual(params);
  });

  test('are told from their misspellings', () => {
    expect(mistakes({ ...cloud, cloud_versoin: 'v1' })).toEqual([
      'cloud_versoin: unknown key; did you mean "cloud_version"? (if the provider does have this field, put it under extra_body)',
    ]);
  });
});

describe('addresses', () => {
  test('come from the file, from the first variable that is set, or from the provider', () => {
    const environment = { CLOUD_BASE: '', CLOUD_ENDPOINT: 'https://theirs.example/', CLOUD_REGION: 'us-9' };
    expect(deploymentOf({ model: 'cloud/x' }, environment).apiBase).toBe('https://theirs.example');
    expect(deploymentOf(cloud, environment).apiBase).toBe(BASE);
    expect(deploymentOf({ model: 'vendor/x' }).apiBase).toBe('https://vendor.example/v1');
  });

  test('may have a query', () => {
    const address = 'https://mine.example/openai/deployments/a?api-version=2024-10-21';
    expect(deploymentOf({ ...cloud, api_base: address }).apiBase).toBe(address);
  });

  test('are required where the provider has none', () => {
    expect(mistakes({ model: 'cloud/x', cloud_region: 'eu-1' })).toEqual([
      'api_base: is required: the address of Cloud, as https://host/v1; write it here, or set the environment variable CLOUD_BASE or CLOUD_ENDPOINT',
    ]);
    expect(mistakes({ ...cloud, api_base: 'mine.example' })).toHaveLength(1);
  });

  test('in the environment must be addresses', () => {
    expect(mistakes({ model: 'cloud/x', cloud_region: 'eu-1' }, { CLOUD_ENDPOINT: 'mine.example' })).toEqual([
      'CLOUD_ENDPOINT: must be a URL as https://host/v1, without credentials or fragment',
    ]);
  });
});

describe('keys', () => {
  test('come from the file, or from the first variable that is set', () => {
    expect(deploymentOf(cloud, { CLOUD_TOKEN: 'sk-2' }).apiKey).toBe('sk-2');
    expect(deploymentOf(cloud, { CLOUD_KEY: 'sk-1', CLOUD_TOKEN: 'sk-2' }).apiKey).toBe('sk-1');
    expect(deploymentOf({ ...cloud, api_key: 'sk-3' }, { CLOUD_KEY: 'sk-1' }).apiKey).toBe('sk-3');
    expect(deploymentOf({ ...cloud, api_key: null }, { CLOUD_KEY: 'sk-1' }).apiKey).toBeNull();
  });

  test('in the environment must be keys', () => {
    expect(mistakes(cloud, { CLOUD_TOKEN: 'sk 1' })).toEqual([
      'CLOUD_TOKEN: must be visible ASCII characters only, without spaces or line breaks',
    ]);
  });

  test('that go to a foreign address are told, and other credentials, too', () => {
    const environment = { VENDOR_KEY: 'sk-1', VENDOR_TOKEN: 't-1' };
    const sent = (key: string, name: string): string =>
      `${key}: not given, so ${name} is sent to this api_base; write \`${key}: null\` to send none`;
    const params = { model: 'vendor/x', api_base: BASE };
    expect(warnings(params, environment)).toEqual([
      sent('api_key', 'VENDOR_KEY'),
      sent('vendor_token', 'VENDOR_TOKEN'),
    ]);
    const without = { ...params, api_key: null, vendor_token: null };
    expect(warnings(without, environment)).toEqual([]);
    expect(deploymentOf(without, environment)).toMatchObject({ apiKey: null, settings: {} });
    expect(warnings({ model: 'vendor/x' }, environment)).toEqual([]);
  });

  test('that go to an address of one’s own are not, unless the environment has another', () => {
    expect(warnings(cloud, { CLOUD_KEY: 'sk-1' })).toEqual([]);
    expect(warnings(cloud, { CLOUD_KEY: 'sk-1', CLOUD_BASE: BASE })).toEqual([]);
    expect(warnings(cloud, { CLOUD_KEY: 'sk-1', CLOUD_BASE: 'https://other.example' })).toHaveLength(1);
  });

  test('that are missing are told where the provider itself is called', () => {
    const told = 'api_key: not given, and not in the environment as VENDOR_KEY: Vendor asks for one';
    expect(warnings({ model: 'vendor/x' })).toEqual([told]);
    expect(warnings({ model: 'vendor/x', api_key: null })).toEqual([]);
    expect(warnings({ model: 'vendor/x', api_base: BASE })).toEqual([]);
    expect(warnings({ model: 'vendor/x', vendor_token: 't' })).toEqual([]);
    expect(warnings(cloud)).toEqual([]);
    expect(warnings({ model: 'scripted/x' })).toEqual([]);
  });
});

test('a warning is told once for all deployments that it is true of', () => {
  const models = ['vendor/x', 'tenant/x', 'vendor/y'];
  const list = models.map((model) => ({ model_name: 'a', litellm_params: { model, tenant_host: 'h' } }));
  const { warnings: told } = readConfig(JSON.stringify({ model_list: list }), {}, { providers });
  expect(told.map((warning) => warning.replace('.litellm_params', ''))).toEqual([
    'model_list[0].tenant_host (and 1 more like it): not used by vendor',
    'model_list[0].api_key (and 1 more like it): not given, and not in the environment as VENDOR_KEY: Vendor asks for one',
    'model_list[1].api_key: not given, and not in the environment as TENANT_KEY: Tenant asks for one',
  ]);
});

test('what a message shows is never a credential', () => {
  const secret = 'sk-hush';
  const environment = { CLOUD_KEY: `${secret} `, CLOUD_BASE: `x://${secret}`, MINE: `${secret}\n` };
  const params = {
    model: 'cloud/x',
    api_key: 'os.environ/MINE',
    cloud_secret: [secret],
    cloud_version: { [secret.slice(3)]: secret },
    headers: { authorization: 'os.environ/MINE', 'x y': secret },
  };
  const found = [...mistakes(params, environment), ...mistakes({ model: 'cloud/x' }, environment)];
  expect(found.length).toBeGreaterThan(7);
  expect(found.join('\n')).not.toContain(secret);
});
