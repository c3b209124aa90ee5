import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { SCRIPTED } from '../support/provider-infos.ts';

const MODELS = "model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }]\n";

const storage = (section: object | null, environment: NodeJS.ProcessEnv = {}) => {
  const text = section === null ? MODELS : `${MODELS}storage: ${JSON.stringify(section)}\n`;
  return readConfig(text, environment, { providers: [SCRIPTED], file: 'x.yaml' }).config.storage;
};

function report(section: object | null, environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    storage(section, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
  }
  return [];
}

const WHOLE = {
  bucket: 'my-bucket',
  region: 'eu-central-1',
  endpoint: 'https://objects.example.com',
  prefix: 'team/sluice',
  access_key_id: 'os.environ/KEY_ID',
  secret_access_key: 'os.environ/SECRET',
  force_path_style: true,
};
const KEYS = { KEY_ID: 'AKIA', SECRET: 'hush' };
const MEANT = {
  bucket: 'my-bucket',
  region: 'eu-central-1',
  endpoint: 'https://objects.example.com',
  prefix: 'team/sluice',
  credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hush' },
  forcePathStyle: true,
};

describe('the storage of files', () => {
  test('is the disk where no bucket is named', () => {
    expect(storage(null)).toBeNull();
    expect(storage({}, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x' })).toBeNull();
  });

  test('is the bucket that the file names', () => {
    expect(storage(WHOLE, KEYS)).toEqual(MEANT);
  });

  test('is the bucket that the environment names', () => {
    const environment = {
      SLUICE_S3_BUCKET: 'my-bucket',
      SLUICE_S3_REGION: 'eu-central-1',
      SLUICE_S3_ENDPOINT: 'https://objects.example.com',
      SLUICE_S3_PREFIX: 'team/sluice',
      SLUICE_S3_ACCESS_KEY_ID: 'AKIA',
      SLUICE_S3_SECRET_ACCESS_KEY: 'hush',
      SLUICE_S3_FORCE_PATH_STYLE: 'TRUE',
    };
    expect(storage(null, environment)).toEqual(MEANT);
    expect(storage({ bucket: 'another' }, environment)).toEqual({ ...MEANT, bucket: 'another' });
  });

  test('needs a bucket and a region, and no more', () => {
    const plain = { endpoint: null, prefix: '', credentials: null, forcePathStyle: false };
    expect(storage({ bucket: 'b' }, { AWS_REGION: 'eu-west-1' })).toEqual({
      bucket: 'b',
      region: 'eu-west-1',
      ...plain,
    });
    expect(storage({ bucket: 'b', endpoint: 'http://127.0.0.1:9000' })).toEqual({
      bucket: 'b',
      region: 'us-east-1',
      ...plain,
      endpoint: 'http://127.0.0.1:9000',
    });
  });
});

describe('mistakes', () => {
  test.each<[object | null, NodeJS.ProcessEnv, string]>([
    [{ region: 'x' }, {}, 'storage.bucket  is required where storage is set: the name of the bucket'],
    [
      null,
      { SLUICE_S3_REGION: 'x' },
      'SLUICE_S3_BUCKET  is required where storage is set: the name of the bucket',
    ],
    [{ bucket: 'b' }, {}, 'storage.region  is required without an endpoint: the region of the bucket'],
    [
      null,
      { SLUICE_S3_BUCKET: 'b' },
      'SLUICE_S3_REGION  is required without an endpoint: the region of the bucket',
    ],
    [
      { bucket: 'b', region: 'x', access_key_id: 'a' },
      {},
      'storage.secret_access_key  is required beside access_key_id',
    ],
    [
      { bucket: 'b', region: 'x', secret_access_key: 'a' },
      {},
      'storage.access_key_id  is required beside secret_access_key',
    ],
    [
      { bucket: 'b/c', region: 'x' },
      {},
      'storage.bucket  must be the name of a bucket: letters, digits, dots, dashes',
    ],
    [
      { bucket: 'b', region: 'x', prefix: '/up/' },
      {},
      'storage.prefix  must be a path as team/sluice, without a slash at either end',
    ],
    [
      { bucket: 'b', endpoint: 'objects.example.com' },
      {},
      'storage.endpoint  must be a URL as https://host, without credentials or fragment',
    ],
    [
      { bucket: 'b', region: 'x', force_path_style: 'maybe' },
      {},
      'storage.force_path_style  must be true or false',
    ],
    [{ bucket: 'b', region: 'x', buket: 'c' }, {}, 'storage.buket  unknown key; did you mean "bucket"?'],
    [
      null,
      { SLUICE_S3_BUCKET: 'b', SLUICE_S3_REGION: 'x', SLUICE_S3_FORCE_PATH_STYLE: 'maybe' },
      'SLUICE_S3_FORCE_PATH_STYLE  must be true or false',
    ],
    [
      null,
      {
        SLUICE_S3_BUCKET: 'b',
        SLUICE_S3_REGION: 'x',
        SLUICE_S3_ACCESS_KEY_ID: 'a',
        SLUICE_S3_SECRET_ACCESS_KEY: 'a b',
      },
      'SLUICE_S3_SECRET_ACCESS_KEY  must be visible ASCII characters only, without spaces or line breaks',
    ],
  ])('%j %j', (section, environment, message) => {
    const [first = ''] = report(section, environment);
    expect(first).toMatch(section === null ? /^environment {2}/ : /^x\.yaml:2:\d+ {2}/);
    expect(first).toContain(message);
  });

  test('tell no secrets', () => {
    const told = report({ ...WHOLE, secret_access_key: 'two words' }, KEYS);
    expect(told).toHaveLength(1);
    expect(told.join()).not.toContain('two words');
  });
});
