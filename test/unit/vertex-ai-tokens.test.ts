import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const EMAIL = 'sluice@a-project.iam.gserviceaccount.com';

const ANSWER = 'data: {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}\r\n\r\n';

let upstream: UpstreamServer;
let tokenServer: UpstreamServer;
let providers: Providers;
let folder: string;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  tokenServer = await UpstreamServer.start();
  folder = await mkdtemp(join(tmpdir(), 'sluice-vertex-'));
});
afterAll(async () => {
  await upstream.stop();
  await tokenServer.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  providers = createProviders();
  upstream.exchanges.length = 0;
  tokenServer.exchanges.length = 0;
  upstream.script({ steps: [ANSWER] });
  return () => providers.close();
});

/** The key of a service account as Google hands them out, but for where its tokens come from. */
function keyJson(changes: object = {}): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'a-project',
    private_key_id: '0123456789abcdef',
    private_key: PEM,
    client_email: EMAIL,
    client_id: '1234567890',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: `${tokenServer.url}/token`,
    universe_domain: 'googleapis.com',
    ...changes,
  });
}

function json(body: unknown, status = 200): Script {
  return { status, headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(body)] };
}

function granted(access_token: string, expires_in = 3599): Script {
  return json({ access_token, expires_in, token_type: 'Bearer' });
}

function ask(settings: Deployment['settings'], signal?: AbortSignal): Promise<Outcome> {
  const vertex = providers.get('vertex_ai');
  if (!vertex) throw new Error('There is no provider vertex_ai.');
  const place = deployment({ provider: 'vertex_ai', apiKey: null, apiBase: upstream.url, settings });
  const call = providerCall({ model: 'gemini-2.5-pro', deployment: place, ...(signal && { signal }) });
  return collect(vertex.stream(userRequest('hi'), call));
}

function authorizations(): (string | undefined)[] {
  return upstream.exchanges.map(({ headers }) => headers.authorization);
}

describe('tokens of Vertex AI', () => {
  it('that is no text is not kept', async () => {
    const settings = { vertex_credentials: keyJson() };
    tokenServer.script(json({ access_token: { a: 1 } }), granted('whole'));
    expect((await ask(settings)).error).toMatchObject({ code: 'upstream_authentication' });
    expect((await ask(settings)).error).toBeNull();
    expect(authorizations()).toEqual(['Bearer whole']);
  });

  it('are exchanged for an assertion that the account’s key signed, at the server that the key names', async () => {
    tokenServer.script(granted('ya29.one'));
    const before = Math.floor(Date.now() / 1000);
    const { error } = await ask({ vertex_credentials: keyJson() });
    expect(error).toBeNull();
    const [exchange] = tokenServer.exchanges;
    expect(exchange).toMatchObject({ method: 'POST', path: '/token' });
    const form = new URLSearchParams(exchange?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).toMatchObject({ alg: 'RS256' });
    const { iat, exp, ...told } = read(claims);
    expect(told).toEqual({
      iss: EMAIL,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: `${tokenServer.url}/token`,
    });
    expect(exp - iat).toBe(3600);
    expect(iat).toBeGreaterThanOrEqual(before);
    const verified = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    expect(verified.verify(publicKey, signature, 'base64url')).toBe(true);
  });

  it('are used for every call until they end, from JSON and from a file, whose project is asked', async () => {
    const path = join(folder, 'key.json');
    await writeFile(path, keyJson());
    tokenServer.script(granted('ya29.one'), granted('ya29.two'));
    await Promise.all([ask({ vertex_credentials: path }), ask({ vertex_credentials: path })]);
    await ask({ vertex_credentials: path });
    expect(tokenServer.exchanges).toHaveLength(1);
    await ask({ vertex_credentials: keyJson(), vertex_project: 'other', vertex_location: 'global' });
    expect(authorizations()).toEqual([...Array(3).fill('Bearer ya29.one'), 'Bearer ya29.two']);
    const paths = upstream.exchanges.map((exchange) => exchange.path.split('/publishers/')[0]);
    expect(paths.at(0)).toBe('/v1/projects/a-project/locations/us-central1');
    expect(paths.at(-1)).toBe('/v1/projects/other/locations/global');
  });

  it('are renewed when they are about to end', async () => {
    tokenServer.script(granted('ya29.short', 60), granted('ya29.next'));
    const settings = { vertex_credentials: keyJson() };
    await ask(settings);
    await ask(settings);
    await ask(settings);
    expect(authorizations()).toEqual(['Bearer ya29.short', 'Bearer ya29.next', 'Bearer ya29.next']);
  });

  it('are had for other kinds of credentials too', async () => {
    const file = join(folder, 'subject');
    await writeFile(file, 'subject-token');
    tokenServer.script(granted('federated'));
    const vertex_credentials = JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${tokenServer.url}/sts`,
      credential_source: { file },
    });
    const settings = { vertex_credentials, vertex_project: 'p' };
    expect((await ask(settings)).error).toBeNull();
    await ask(settings);
    expect(authorizations()).toEqual(['Bearer federated', 'Bearer federated']);
    expect(tokenServer.exchanges.map(({ path }) => path)).toEqual(['/sts']);
    expect(new URLSearchParams(tokenServer.exchanges[0]?.body).get('subject_token')).toBe('subject-token');
  });

  it('that are refused are said to be, without a word of the key', async () => {
    tokenServer.script(json({ error: 'invalid_grant', error_description: `Unknown ${EMAIL}` }, 400));
    const { error } = await ask({ vertex_credentials: keyJson() });
    expect(error).toMatchObject({ code: 'upstream_authentication', retryable: false });
    const { message, stack } = error as Error;
    expect(message).toBe('vertex_ai: Google refused the credentials of this deployment (invalid_grant).');
    expect(`${message} ${stack}`).not.toContain(EMAIL);
    expect(upstream.exchanges).toEqual([]);
  });

  it('are worth another try where the server failed, and not where it refused', async () => {
    tokenServer.script(json({}, 403));
    expect((await ask({ vertex_credentials: keyJson() })).error).toMatchObject({ retryable: false });
    const closed = await UpstreamServer.start();
    const token_uri = `${closed.url}/token`;
    await closed.stop();
    const { error } = await ask({ vertex_credentials: keyJson({ token_uri }) });
    expect(error).toMatchObject({ code: 'upstream_authentication', retryable: true });
    expect((error as Error).message).toContain('could not be reached');
  });

  it('are not waited for once the call is given up', async () => {
    tokenServer.script({ before: 'hang', steps: [] });
    const controller = new AbortController();
    const outcome = ask({ vertex_credentials: keyJson() }, controller.signal);
    await tokenServer.received(1);
    controller.abort(new Error('cancelled'));
    expect((await outcome).error).toMatchObject({ message: 'cancelled' });
  });

  it.each([
    ['{"type": "service_account", "private_key": "secret"', 'is not the JSON of a credential'],
    ['/no/such/secret.json', 'is neither JSON nor a file that can be read'],
    [
      '{"type": "service_account", "client_email": "a", "private_key": "secret"}',
      'no usable Google credentials',
    ],
  ])('cannot be had for %s', async (vertex_credentials, said) => {
    const { error } = await ask({ vertex_credentials, vertex_project: 'p' });
    expect(error).toMatchObject({ code: 'upstream_authentication', retryable: false });
    expect((error as Error).message).toContain(said);
    expect((error as Error).message).not.toContain('secret');
  });

  it('are had once a file is there that was not', async () => {
    const path = join(folder, 'later.json');
    expect((await ask({ vertex_credentials: path })).error).not.toBeNull();
    await writeFile(path, keyJson());
    tokenServer.script(granted('ya29.later'));
    expect((await ask({ vertex_credentials: path })).error).toBeNull();
  });
});
