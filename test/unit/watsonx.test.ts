import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { chunk } from '../support/formats.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let providers: Providers;
/** Keys are the names under which tokens are kept: every test has its own. */
let tests = 0;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  providers = createProviders();
});
afterAll(async () => {
  await providers.close();
  await upstream.stop();
});
beforeEach(() => {
  tests += 1;
  upstream.exchanges.length = 0;
  upstream.asideExchanges.length = 0;
  upstream.script({ steps: [chunk({ content: 'a' }, 'stop')] });
  iam(token(3600));
});

function json(payload: object, status = 200): Script {
  return { status, headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(payload)] };
}

function token(expires_in: number, access_token = 'iam-token'): Script {
  return json({ access_token, expires_in, token_type: 'Bearer', expiration: 1 });
}

function iam(script: Script): void {
  upstream.asides = [{ request: /^POST \/identity\/token$/, script }];
}

function ask(
  { settings = {}, ...changes }: Partial<Deployment> = {},
  model = 'ibm/granite',
  name = 'watsonx',
  signal?: AbortSignal,
): Promise<Outcome> {
  const place = deployment({
    provider: name,
    apiBase: upstream.url,
    apiKey: `key-${tests}`,
    settings: { iam_url: `${upstream.url}/identity/token`, project_id: 'p', ...settings },
    ...changes,
  });
  const call = providerCall({ model, deployment: place, ...(signal && { signal }) });
  const provider = providers.get(name);
  if (!provider) throw new Error(`There is no provider ${name}.`);
  return collect(provider.stream(userRequest('hi'), call));
}

function authorizations(): unknown[] {
  return upstream.exchanges.map(({ headers }) => headers.authorization);
}

describe('the token of a watsonx call', () => {
  it('is exchanged for the key', async () => {
    expect((await ask()).error).toBeNull();
    const [exchange] = upstream.asideExchanges;
    expect(exchange?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toEqual({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: `key-${tests}`,
    });
    expect(authorizations()).toEqual(['Bearer iam-token']);
  });

  it('is exchanged once for calls that come together and after each other', async () => {
    const outcomes = await Promise.all([ask(), ask(), ask()]);
    await ask();
    expect(outcomes.map(({ error }) => error)).toEqual([null, null, null]);
    expect(upstream.asideExchanges).toHaveLength(1);
    expect(authorizations()).toEqual(Array(4).fill('Bearer iam-token'));
    await ask({ apiKey: 'another' });
    expect(upstream.asideExchanges).toHaveLength(2);
  });

  it('is not used in its last minute', async () => {
    iam(token(59));
    await ask();
    iam(token(3600, 'second'));
    await Promise.all([ask(), ask()]);
    expect(upstream.asideExchanges).toHaveLength(2);
    expect(authorizations()).toEqual(['Bearer iam-token', 'Bearer second', 'Bearer second']);
  });

  it('is forgotten where watsonx refuses it', async () => {
    upstream.script(json({ errors: [{ code: 'authentication_token_expired', message: 'x' }] }, 401));
    expect((await ask()).error).toMatchObject({ code: 'upstream_authentication' });
    upstream.script({ steps: [chunk({ content: 'a' }, 'stop')] });
    expect((await ask()).error).toBeNull();
    expect(upstream.asideExchanges).toHaveLength(2);
  });

  it.each<[string, Script, string]>([
    [
      'an unknown key',
      json({ errorCode: 'BXNIM0415E', errorMessage: 'no such key' }, 400),
      'upstream_authentication',
    ],
    ['trouble', json({ errorMessage: 'x' }, 503), 'upstream_overloaded'],
    ['no token', json({}), 'upstream_invalid_response'],
    ['a token that no header can carry', token(3600, 'a\r\nb: c'), 'upstream_invalid_response'],
  ])('is missing for %s, and asked for again', async (_name, script, code) => {
    iam(script);
    const { error } = await ask();
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toContain(`key-${tests}`);
    iam(token(3600));
    expect((await ask()).error).toBeNull();
  });

  it('outlives the call that asked for it first', async () => {
    let release = (): void => {};
    const before = new Promise<void>((resolve) => {
      release = resolve;
    });
    iam({ ...token(3600), before });
    const controller = new AbortController();
    const first = ask({}, 'm', 'watsonx', controller.signal);
    const second = ask();
    controller.abort(new Error('enough'));
    expect(await first).toMatchObject({ error: { message: 'enough' } });
    release();
    expect((await second).error).toBeNull();
    expect(upstream.asideExchanges).toHaveLength(1);
  });

  it.each([
    [{ token: 't' }, 'Bearer t'],
    [{ zen_api_key: 'z' }, 'ZenApiKey z'],
  ])('may be given: %o', async (settings, authorization) => {
    await ask({ settings });
    expect(authorizations()).toEqual([authorization]);
    expect(upstream.asideExchanges).toEqual([]);
  });
});

describe('where a watsonx call goes', () => {
  it('is the chat or the generation of a version, with a project or a space', async () => {
    await ask();
    await ask({ settings: { project_id: '', space_id: 's', api_version: '2025-01-01' } });
    expect(upstream.exchanges.map(({ path }) => path)).toEqual([
      '/ml/v1/text/chat_stream?version=2024-10-08',
      '/ml/v1/text/chat_stream?version=2025-01-01',
    ]);
    const [first, second] = upstream.exchanges.map(({ body }) => JSON.parse(body));
    expect(first).toMatchObject({ model_id: 'ibm/granite', project_id: 'p' });
    expect(second).toMatchObject({ model_id: 'ibm/granite', space_id: 's' });
    expect(second).not.toHaveProperty('project_id');
    for (const field of ['model', 'stream', 'stream_options']) expect(first).not.toHaveProperty(field);
  });

  it('is a deployed model', async () => {
    await ask({ settings: { project_id: '' } }, 'deployment/d-1');
    await ask({ settings: { project_id: '' } }, 'deployment/d-1', 'watsonx_text');
    expect(upstream.exchanges.map(({ path }) => path)).toEqual([
      '/ml/v1/deployments/d-1/text/chat_stream?version=2024-10-08',
      '/ml/v1/deployments/d-1/text/generation_stream?version=2024-10-08',
    ]);
    const keys = upstream.exchanges.map(({ body }) => Object.keys(JSON.parse(body)));
    expect(keys).toEqual([['messages'], ['input', 'parameters']]);
  });

  it('must be known, and who pays', async () => {
    const nowhere = await ask({ apiBase: null });
    expect(nowhere.error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
    const nobody = await ask({ settings: { project_id: '' } });
    expect(nobody.error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
    expect((nobody.error as Error).message).toContain('project_id');
    expect(upstream.exchanges).toEqual([]);
  });
});
