import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { expectedAuthorization } from '../support/aws-signature.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Exchange, UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let providers: Providers;
let folder: string;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  upstream.script({ status: 400, headers: { 'content-type': 'application/json' }, steps: ['{}'] });
  providers = createProviders();
  folder = await mkdtemp(join(tmpdir(), 'sluice-aws-'));
  await writeFile(
    join(folder, 'credentials'),
    '[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = file-secret\n' +
      '[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other-secret\n',
  );
  await writeFile(join(folder, 'config'), '');
});
afterAll(async () => {
  await providers.close();
  await upstream.stop();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What AWS's credential chain finds: these files alone, or nothing. */
function onlyFiles(credentials = join(folder, 'credentials')): void {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', credentials);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
}

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const REGION = { aws_region_name: 'eu-central-1' };
const KEYS = { aws_access_key_id: 'AKIAX', aws_secret_access_key: 'secret' };

function call(
  changes: Partial<Deployment>,
  model = MODEL,
  fields: Partial<CompletionRequest> = {},
): Promise<Outcome> {
  const place = deployment({ provider: 'bedrock', apiBase: upstream.url, ...changes });
  const provider = providers.get('bedrock');
  if (!provider) throw new Error('There is no provider bedrock.');
  return collect(provider.stream(userRequest('hi', fields), providerCall({ model, deployment: place })));
}

/** What a call sends. */
async function sent(...args: Parameters<typeof call>): Promise<Exchange> {
  upstream.exchanges.length = 0;
  const { error } = await call(...args);
  const [exchange] = upstream.exchanges;
  if (exchange === undefined) throw error;
  return exchange;
}

const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc';
const ENCODED_ARN = encodeURIComponent(ARN);
const PLAIN = 'anthropic.claude-v2:1';
const ENCODED = 'anthropic.claude-v2%3A1';

describe('the address of a model of Bedrock', () => {
  it.each([
    [PLAIN, `${ENCODED}/converse-stream`],
    [`converse/${PLAIN}`, `${ENCODED}/converse-stream`],
    [`invoke/${PLAIN}`, `${ENCODED}/invoke-with-response-stream`],
    [`us-gov-west-1/${PLAIN}`, `${ENCODED}/converse-stream`],
    [`converse/us-west-2/${PLAIN}`, `${ENCODED}/converse-stream`],
    [`us-west-2/invoke/${PLAIN}`, `${ENCODED}/invoke-with-response-stream`],
    [`us-west-2/1-month-commitment/${PLAIN}`, `${ENCODED}/converse-stream`],
    [ARN, `${ENCODED_ARN}/converse-stream`],
    [`converse/${ARN}`, `${ENCODED_ARN}/converse-stream`],
    [`llama/${ARN}`, `${ENCODED_ARN}/invoke-with-response-stream`],
    [`converse/llama/${ARN}`, `${ENCODED_ARN}/converse-stream`],
    ['ai21.j2-mid-v1', 'ai21.j2-mid-v1/invoke'],
    ['invoke/ai21.j2-mid-v1', 'ai21.j2-mid-v1/invoke'],
  ])('%s is /model/%s', async (model, path) => {
    expect((await sent({}, model)).path).toBe(`/model/${path}`);
  });

  it('has the ARN of the settings, and the rules of the model', async () => {
    const fields = { reasoning_effort: 'low' };
    const settings = { model_id: ARN };
    const { path, body } = await sent({ settings }, 'anthropic.claude-3-7-sonnet-20250219-v1:0', fields);
    expect(path).toBe(`/model/${ENCODED_ARN}/converse-stream`);
    expect(JSON.parse(body).additionalModelRequestFields.thinking.type).toBe('enabled');
    const named = await sent({ baseModel: 'bedrock/amazon.nova-2-lite-v1:0' }, ARN, fields);
    expect(JSON.parse(named.body).additionalModelRequestFields.reasoningConfig.type).toBe('enabled');
    const unknown = await call({}, ARN, fields);
    expect(unknown.error).toMatchObject({ code: 'unsupported_value', param: 'reasoning_effort' });
  });

  it('may be given as a setting, and is asked for where there is none', async () => {
    const settings = { aws_bedrock_runtime_endpoint: `${upstream.url}/gateway` };
    const { path } = await sent({ apiBase: null, settings }, 'm');
    expect(path).toBe('/gateway/model/m/converse-stream');
    const { error } = await call({ apiBase: null });
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
    expect((error as Error).message).toContain('aws_region_name');
    const odd = await call({ apiBase: null, settings: { aws_region_name: 'evil.example/' } });
    expect(odd.error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
  });
});

describe('who calls Bedrock', () => {
  it('is told by an API key', async () => {
    const { headers } = await sent({ apiKey: 'bedrock-api-key-x', settings: { ...KEYS, ...REGION } });
    expect(headers.authorization).toBe('Bearer bedrock-api-key-x');
    expect(headers['x-amz-date']).toBeUndefined();
  });

  it.each([MODEL, ARN, `invoke/us-east-1/${PLAIN}`])(
    'is told by a signature of what is sent (%s)',
    async (model) => {
      const extraHeaders = { 'x-amzn-extra': 'a', 'content-type': 'application/json; charset=utf-8' };
      const exchange = await sent({ apiKey: null, settings: { ...KEYS, ...REGION }, extraHeaders }, model);
      const { authorization } = exchange.headers;
      expect(authorization).toBe(expectedAuthorization(exchange, 'AKIAX', 'secret'));
      expect(authorization).toContain('accept;content-type;host;');
      expect(authorization).toContain('x-amzn-extra');
    },
  );

  it.each([
    [MODEL, 'eu-central-1'],
    [`us-east-1/${MODEL}`, 'us-east-1'],
    [ARN, 'eu-west-1'],
    [`us-east-1/${ARN}`, 'us-east-1'],
  ])('of %s signs for %s', async (model, region) => {
    const { headers } = await sent({ apiKey: null, settings: { ...KEYS, ...REGION } }, model);
    expect(headers.authorization).toContain(`/${region}/bedrock/aws4_request`);
  });

  it('has a token with keys that were lent, and no stranger’s with keys of their own', async () => {
    const settings = { ...KEYS, ...REGION, aws_session_token: 'token' };
    expect((await sent({ apiKey: null, settings })).headers['x-amz-security-token']).toBeUndefined();
    const lent = { ...settings, aws_access_key_id: 'ASIAX' };
    expect((await sent({ apiKey: null, settings: lent })).headers['x-amz-security-token']).toBe('token');
  });

  it('is found by AWS’s chain, and in a profile that goes before a key', async () => {
    onlyFiles();
    const found = await sent({ apiKey: null, settings: REGION });
    expect(found.headers.authorization).toBe(expectedAuthorization(found, 'AKIAFILE', 'file-secret'));
    const settings = { ...REGION, ...KEYS, aws_profile_name: 'other' };
    const other = await sent({ apiKey: null, settings });
    expect(other.headers.authorization).toBe(expectedAuthorization(other, 'AKIAOTHER', 'other-secret'));
  });

  it('is asked for by name where there is nobody', async () => {
    onlyFiles(join(folder, 'nothing'));
    const nobody = createProviders();
    const place = deployment({ provider: 'bedrock', apiBase: upstream.url, apiKey: null, settings: REGION });
    const stream = nobody.get('bedrock')?.stream(userRequest('hi'), providerCall({ deployment: place }));
    const { error } = await collect(stream ?? (async function* () {})());
    await nobody.close();
    expect(error).toMatchObject({ code: 'upstream_authentication', retryable: false });
    for (const name of ['AWS_BEARER_TOKEN_BEDROCK', 'aws_access_key_id', 'aws_profile_name']) {
      expect((error as Error).message).toContain(name);
    }
  });

  it.each([
    ['aws_access_key_id', 'aws_secret_access_key'],
    ['aws_secret_access_key', 'aws_access_key_id'],
  ])('is refused with %s alone', async (given, missing) => {
    const { error } = await call({ apiKey: null, settings: { ...REGION, [given]: 'x' } });
    expect(error).toMatchObject({ code: 'upstream_authentication', retryable: false });
    expect((error as Error).message).toContain(`${missing} is missing`);
  });
});

describe('what Bedrock wants elsewhere', () => {
  it('are beta features in the body', async () => {
    const extraHeaders = { 'anthropic-beta': 'a,b' };
    const fields = { betas: ['c'] } as Partial<CompletionRequest>;
    const converse = await sent({ extraHeaders }, MODEL, fields);
    expect(converse.headers['anthropic-beta']).toBeUndefined();
    expect(JSON.parse(converse.body).additionalModelRequestFields).toEqual({
      anthropic_beta: ['a', 'b', 'c'],
    });
    const invoke = await sent({ extraHeaders }, `invoke/${MODEL}`, fields);
    expect(JSON.parse(invoke.body)).toMatchObject({ anthropic_beta: ['a', 'b', 'c'] });
    expect(JSON.parse(invoke.body).betas).toBeUndefined();
  });

  it('are guardrails in headers, for InvokeModel', async () => {
    const guardrailConfig = { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled' };
    const params = { guardrailConfig, performanceConfig: { latency: 'optimized' } };
    const { headers, body } = await sent({ params }, `invoke/${MODEL}`);
    expect(headers).toMatchObject({
      'x-amzn-bedrock-guardrailidentifier': 'g',
      'x-amzn-bedrock-guardrailversion': '1',
      'x-amzn-bedrock-trace': 'ENABLED',
      'x-amzn-bedrock-performanceconfig-latency': 'optimized',
    });
    expect(body).not.toContain('guardrail');
    const converse = await sent({ params }, MODEL);
    expect(JSON.parse(converse.body)).toMatchObject(params);
    expect(converse.headers['x-amzn-bedrock-guardrailidentifier']).toBeUndefined();
  });
});
