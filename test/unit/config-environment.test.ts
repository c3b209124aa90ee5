import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { OPENAI, SCRIPTED } from '../support/provider-infos.ts';

const providers = [OPENAI, SCRIPTED];
const MINIMAL = `
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
`;

function read(text: string | null, environment: NodeJS.ProcessEnv = {}) {
  return readConfig(text, environment, { providers });
}

function mistakes(text: string | null, environment: NodeJS.ProcessEnv = {}): Record<string, string> {
  try {
    read(text, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return {};
}

describe('the environment', () => {
  test('sets what the file does not', () => {
    const { config } = read(MINIMAL, {
      PORT: '0',
      HOST: '::1',
      REDIS_URL: 'rediss://user:pass@redis.example.com:6380/1',
      SLUICE_DATA_DIR: 'data/redis',
      SLUICE_ARCHIVE_DIR: 'data/stored',
      SLUICE_FILES_DIR: 'data/uploaded',
      LOG_LEVEL: 'DEBUG',
      SLUICE_MASTER_KEY: 'sk-env',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      redisUrl: 'rediss://user:pass@redis.example.com:6380/1',
      dataDir: join(process.cwd(), 'data/redis'),
      archiveDir: join(process.cwd(), 'data/stored'),
      filesDir: join(process.cwd(), 'data/uploaded'),
      logLevel: 'debug',
      masterKey: 'sk-env',
    });
  });

  test('counts an empty variable as unset', () => {
    const empty = {
      PORT: '',
      HOST: '',
      REDIS_URL: '',
      SLUICE_DATA_DIR: '',
      SLUICE_ARCHIVE_DIR: '',
      SLUICE_FILES_DIR: '',
      LOG_LEVEL: '',
      SLUICE_MASTER_KEY: '',
    };
    expect(read(MINIMAL, empty)).toEqual(read(MINIMAL));
  });

  test('takes an absolute data directory and a Redis socket as they are', () => {
    const { config } = read(MINIMAL, { SLUICE_DATA_DIR: '/var/lib/sluice', REDIS_URL: '/run/redis.sock' });
    expect(config).toMatchObject({ dataDir: '/var/lib/sluice', redisUrl: '/run/redis.sock' });
    expect(config.archiveDir).toBe('/var/lib/sluice/archive');
    expect(config.filesDir).toBe('/var/lib/sluice/files');
  });

  test.each([
    ['PORT', 'abc', 'must be a whole number from 0 to 65535 (0: any free port)'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535 (0: any free port)'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535 (0: any free port)'],
    ['PORT', '80.5', 'must be a whole number from 0 to 65535 (0: any free port)'],
    ['HOST', '127.0.0.1:4000', 'must be an IP address or a host name, without a port or brackets'],
    [
      'REDIS_URL',
      'localhost:6379',
      'must be redis://host:port, rediss://host:port, or the absolute path of a socket',
    ],
    [
      'REDIS_URL',
      'http://localhost',
      'must be redis://host:port, rediss://host:port, or the absolute path of a socket',
    ],
    [
      'LOG_LEVEL',
      'wran',
      'must be one of fatal, error, warn, info, debug, trace, silent; did you mean "warn"?',
    ],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['SLUICE_MASTER_KEY', 'sk-1\n', 'must be visible ASCII characters only, without spaces or line breaks'],
    ['OPENAI_API_KEY', 'sk 1', 'must be visible ASCII characters only, without spaces or line breaks'],
    [
      'OPENAI_BASE_URL',
      'api.example.com',
      'must be a URL as https://host/v1, without credentials or fragment',
    ],
  ])('%s=%j is a mistake', (name, value, message) => {
    expect(mistakes(MINIMAL, { SLUICE_MASTER_KEY: 'sk', [name]: value })).toEqual({ [name]: message });
  });

  test('leaves the master key to the file', () => {
    const text = `${MINIMAL}general_settings: {master_key: os.environ/KEY}`;
    expect(read(text, { KEY: 'sk-file', SLUICE_MASTER_KEY: 'sk-env' }).config.masterKey).toBe('sk-file');
  });
});

describe('a host beyond loopback', () => {
  const MESSAGE =
    'reaches beyond this machine, so clients must send a key: set general_settings.master_key ' +
    'or SLUICE_MASTER_KEY, or set HOST to 127.0.0.1';

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com', '::2', '128.0.0.1'])(
    '%s needs a master key',
    (HOST) => {
      expect(mistakes(MINIMAL, { HOST })).toEqual({ HOST: MESSAGE });
      expect(mistakes(null, { HOST })).toEqual({ HOST: MESSAGE });
      expect(read(MINIMAL, { HOST, SLUICE_MASTER_KEY: 'sk' }).config.host).toBe(HOST);
      expect(read(`${MINIMAL}general_settings: {master_key: sk}`, { HOST }).config.host).toBe(HOST);
    },
  );

  test.each(['127.0.0.1', '127.255.0.3', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s does not count as one',
    (HOST) => {
      expect(read(MINIMAL, { HOST }).config.host).toBe(HOST);
    },
  );

  test('is no second mistake where the key itself is wrong or the file unreadable', () => {
    const wrongKey = `${MINIMAL}general_settings: {master_key: os.environ/UNSET}`;
    expect(Object.keys(mistakes(wrongKey, { HOST: '0.0.0.0' }))).toEqual(['general_settings.master_key']);
    expect(Object.keys(mistakes('a: [', { HOST: '0.0.0.0' }))).toEqual(['']);
  });

  test('is one even where another general setting is wrong', () => {
    const text = `${MINIMAL}general_settings: {concurrency: 0}`;
    expect(Object.keys(mistakes(text, { HOST: '0.0.0.0' }))).toEqual([
      'general_settings.concurrency',
      'HOST',
    ]);
    const withKey = `${MINIMAL}general_settings: {concurrency: 0, master_key: sk}`;
    expect(Object.keys(mistakes(withKey, { HOST: '0.0.0.0' }))).toEqual(['general_settings.concurrency']);
  });
});
