import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SluiceError } from '../../src/core/errors.ts';
import { azureWith } from '../../src/providers/azure.ts';
import { type EntraOptions, EntraTokens } from '../../src/providers/entra-token.ts';
import { HttpClient } from '../../src/providers/transport/http-client.ts';
import { MediaFetcher } from '../../src/providers/transport/media-fetcher.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { azureChat } from '../conformance/upstreams/azure.ts';
import { collect, deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let entra: UpstreamServer;

beforeAll(async () => {
  entra = await UpstreamServer.start();
});
afterAll(() => entra.stop());
beforeEach(() => {
  entra.exchanges.length = 0;
  entra.asides = [];
});

type Client = NonNullable<EntraOptions['httpClient']>;

/** Microsoft's library calls over TLS alone: this brings its calls to loopback, with their host in the path. */
const httpClient: Client = {
  async sendRequest(request) {
    const { host, pathname, search } = new URL(request.url);
    const { method, body, abortSignal } = request;
    const answer = await fetch(`${entra.url}/${host}${pathname}${search}`, {
      method,
      headers: request.headers.toJSON(),
      ...(typeof body === 'string' && { body }),
      ...(abortSignal && { signal: abortSignal as AbortSignal }),
    });
    const found = new Map(answer.headers);
    const headers = Object.assign(found, { toJSON: () => Object.fromEntries(found) });
    return { request, status: answer.status, headers, bodyAsText: await answer.text() };
  },
};

function entraTokens(): EntraTokens {
  return new EntraTokens({ httpClient, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 } });
}

const SECRET = 'my-s3cret';
const JSON_TYPE = { 'content-type': 'application/json' };
const APP = { tenant_id: '11111111-2222-3333-4444-555555555555', client_id: 'app', client_secret: SECRET };

function place(settings: Record<string, string>, apiBase: string | null = null) {
  return deployment({ provider: 'azure', apiKey: null, settings, apiBase });
}

function giveToken(token: string): void {
  const body = JSON.stringify({ token_type: 'Bearer', expires_in: 3600, access_token: token });
  entra.script({ headers: JSON_TYPE, steps: [body] });
}

const alive = new AbortController().signal;

describe('a token of Entra ID', () => {
  it('is asked for with the secret of an app, and kept while it is good', async () => {
    const tokens = entraTokens();
    const app = place(APP);
    giveToken('ey-1');
    expect(await tokens.tokenFor(app, alive)).toBe('ey-1');
    giveToken('ey-2');
    expect(await tokens.tokenFor(app, alive)).toBe('ey-1');
    const [asked, ...others] = entra.exchanges;
    expect(others).toEqual([]);
    expect(asked?.path).toContain(`/login.microsoftonline.com/${APP.tenant_id}/oauth2/v2.0/token`);
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: SECRET,
      scope: 'https://cognitiveservices.azure.com/.default',
    });
    expect(await tokens.tokenFor(place(APP), alive)).toBe('ey-2');
  });

  it('may come from another cloud, for another scope', async () => {
    giveToken('ey-us');
    const scope = 'https://cognitiveservices.azure.us/.default';
    const cloud = { azure_authority_host: 'https://login.microsoftonline.us', azure_scope: scope };
    expect(await entraTokens().tokenFor(place({ ...APP, ...cloud }), alive)).toBe('ey-us');
    expect(entra.exchanges[0]?.path).toMatch(/^\/login\.microsoftonline\.us\//);
    expect(new URLSearchParams(entra.exchanges[0]?.body).get('scope')).toBe(scope);
  });

  it('may come from the machine, if the configuration says so', async () => {
    giveToken('ey-machine');
    const tokens = entraTokens();
    expect(tokens.tokenFor(place({ client_id: 'app', tenant_id: 't' }), alive)).toBeNull();
    expect(entra.exchanges).toEqual([]);
    const machine = place({ azure_credential: 'DefaultAzureCredential', client_id: 'identity' });
    expect(await tokens.tokenFor(machine, alive)).toBe('ey-machine');
    expect(entra.exchanges.at(-1)?.path).toContain('client_id=identity');
  });

  it('is not there where the secret is refused, which nobody hears of', async () => {
    const description = `AADSTS7000215: Invalid client secret provided: ${SECRET}.`;
    const body = JSON.stringify({ error: 'invalid_client', error_description: description });
    entra.script({ status: 401, headers: JSON_TYPE, steps: [body] });
    const refused = await Promise.resolve(entraTokens().tokenFor(place(APP), alive)).catch((error) => error);
    expect(refused).toMatchObject({ name: 'SluiceError', code: 'upstream_authentication', retryable: false });
    const { message, cause } = refused as SluiceError & { cause: Error };
    expect(message).toBe('azure was not called: Entra ID gave no token for this deployment.');
    expect(cause.message).toContain('AADSTS7000215');
    expect(`${cause.message} ${cause.stack}`).not.toContain(SECRET);
  });

  it('is asked for again where Entra ID was not reached', async () => {
    entra.script({ before: 'reset', steps: [] });
    const tokens = entraTokens();
    const app = place(APP);
    const failed = Promise.resolve(tokens.tokenFor(app, alive));
    await expect(failed).rejects.toMatchObject({ code: 'upstream_authentication', retryable: true });
    giveToken('ey-1');
    expect(await tokens.tokenFor(app, alive)).toBe('ey-1');
  });
});

describe('a call that is signed with a token', () => {
  const http = new HttpClient();
  const media = new MediaFetcher();
  const upstream = new Upstream(http, media);
  let azureServer: UpstreamServer;

  beforeAll(async () => {
    azureServer = await UpstreamServer.start();
    azureServer.script({ steps: azureChat.answer });
  });
  afterAll(async () => {
    await http.close();
    await media.close();
    await azureServer.stop();
  });

  function ask(signal: AbortSignal) {
    const call = providerCall({ deployment: place(APP, azureServer.url), signal });
    return collect(azureWith(entraTokens()).create(upstream)(userRequest('hi'), call));
  }

  it('shows it as Bearer', async () => {
    giveToken('ey-1');
    const { error } = await ask(alive);
    expect(error).toBeNull();
    expect(azureServer.exchanges[0]?.headers).toMatchObject({ authorization: 'Bearer ey-1' });
    expect(azureServer.exchanges[0]?.headers).not.toHaveProperty('api-key');
  });

  it('does not wait for it longer than the client does', async () => {
    entra.script({ before: 'hang', steps: [] });
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const asking = ask(controller.signal);
    await entra.received(1);
    controller.abort(reason);
    expect(await asking).toEqual({ deltas: [], error: reason });
  });
});
