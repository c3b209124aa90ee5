import { beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { eventually } from '../support/eventually.ts';
import { collect, deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { requestOf } from '../support/recording-client.ts';
import { sharedProviders } from '../support/shared-providers.ts';
import type { Aside, Script } from '../support/upstream-server.ts';

const OUTPUT = 'event: output\ndata: Hi\n\n';
const DONE = 'event: done\ndata: {}\n\n';
const MODEL = 'meta/meta-llama-3-8b-instruct';

const shared = sharedProviders();

/** What the server was asked beside the streams, as `METHOD /path`. */
function asked(): string[] {
  return shared.upstream.asideExchanges.map(({ method, path }) => `${method} ${path}`);
}

function json(payload: object, status = 200): Script {
  return { status, headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(payload)] };
}

const created = (fields: object = {}): object => ({
  id: 'p1',
  status: 'starting',
  urls: { stream: `${shared.upstream.url}/streams/p1` },
  ...fields,
});

function answer(...asides: Aside[]): void {
  const cancel = { request: /cancel$/, script: json({ id: 'p1', status: 'canceled' }) };
  const create = { request: /^POST .*predictions$/, script: json(created(), 201) };
  const look = { request: /^GET .*predictions\/p1$/, script: json({ id: 'p1', status: 'succeeded' }) };
  shared.upstream.asides = [...asides, cancel, create, look];
}

function call(model = MODEL, changes: Partial<Deployment> = {}, signal?: AbortSignal) {
  const place = deployment({ provider: 'replicate', apiBase: `${shared.upstream.url}/v1`, ...changes });
  return shared
    .provider('replicate')
    .stream(userRequest('Hi?'), providerCall({ model, deployment: place, ...(signal && { signal }) }));
}

beforeEach(() => {
  shared.upstream.asideExchanges.length = 0;
  shared.upstream.exchanges.length = 0;
  shared.upstream.script({ steps: [OUTPUT, DONE] });
  answer();
});

describe('a call to Replicate', () => {
  it.each([
    [MODEL, '/v1/models/meta/meta-llama-3-8b-instruct/predictions'],
    ['me/mine:abc', '/v1/predictions'],
    ['abc', '/v1/predictions'],
    ['deployments/me/mine', '/v1/deployments/me/mine/predictions'],
  ])('for %s creates a prediction at %s and follows its stream with the key', async (model, path) => {
    const { error } = await collect(call(model, { extraHeaders: { 'x-team': 'a' } }));
    expect(error).toBeNull();
    expect(asked()[0]).toBe(`POST ${path}`);
    const [create] = shared.upstream.asideExchanges;
    expect(JSON.parse(create?.body ?? '')).toMatchObject({ input: { prompt: 'Hi?' }, stream: true });
    expect(shared.upstream.exchanges).toMatchObject([{ method: 'GET', path: '/streams/p1', body: '' }]);
    for (const exchange of [create, ...shared.upstream.exchanges]) {
      expect(exchange?.headers).toMatchObject({ authorization: 'Bearer sk-test', 'x-team': 'a' });
    }
    expect(asked().filter((one) => one.endsWith('/cancel'))).toEqual([]);
  });

  it('asks for usage afterwards, also where it is late, and goes without where there is none', async () => {
    const metrics = { input_token_count: 1, output_token_count: 2 };
    const look = /^GET .*predictions\/p1$/;
    const counts = { request: look, script: json({ id: 'p1', status: 'succeeded', metrics }) };
    answer(counts);
    const { deltas } = await collect(call());
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    expect(deltas.at(-1)).toEqual({ type: 'usage', usage });

    let looks = 0;
    answer({
      request: look,
      get script() {
        looks += 1;
        return looks > 1 ? counts.script : json({ id: 'p1', status: 'processing' });
      },
    });
    expect((await collect(call())).deltas.at(-1)).toEqual({ type: 'usage', usage });

    for (const script of [json({ id: 'p1', status: 'succeeded' }), json({}, 500)]) {
      answer({ request: look, script });
      const none = await collect(call());
      expect(none.error).toBeNull();
      expect(none.deltas.at(-1)?.type).toBe('finish');
    }
  });

  it('waits for a model that does not stream', async () => {
    const states = ['starting', 'processing', 'succeeded', 'succeeded'];
    answer(
      { request: /^POST .*predictions$/, script: json(created({ urls: {} }), 201) },
      {
        request: /^GET .*predictions\/p1$/,
        get script() {
          const status = states.shift();
          const metrics = { input_token_count: 1, output_token_count: 2 };
          return json({ id: 'p1', status, output: ['Hi', '!'], error: null, metrics });
        },
      },
    );
    shared.upstream.script(json({ id: 'p1', status: 'succeeded', output: ['Hi', '!'], error: null }));
    const { deltas, error } = await collect(call());
    expect(error).toBeNull();
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text', 'finish', 'usage']);
    expect(states).toEqual([]);
  });

  it.each([
    [401, 'upstream_authentication'],
    [404, 'upstream_not_found'],
    [422, 'upstream_bad_request'],
    [429, 'rate_limit_exceeded'],
  ])('throws what status %i of the creation means', async (status, code) => {
    const problem = { title: 'Nope', detail: 'Nope.', status };
    answer({ request: /^POST .*predictions$/, script: json(problem, status) });
    expect(await collect(call())).toMatchObject({ deltas: [], error: { code } });
    expect(shared.upstream.exchanges).toEqual([]);
  });

  it('says why a prediction failed', async () => {
    shared.upstream.script({ steps: [OUTPUT, 'event: done\ndata: {"reason":"error"}\n\n'] });
    const failed = { id: 'p1', status: 'failed', error: 'E6716: boom' };
    answer({ request: /^GET .*predictions\/p1$/, script: json(failed) });
    const { error } = await collect(call());
    expect(error).toMatchObject({ code: 'upstream_error' });
    expect((error as Error).message).toContain('E6716: boom');
    expect(asked().filter((one) => one.endsWith('/cancel'))).toEqual([]);
  });
});

describe('a prediction is cancelled', () => {
  const cancelled = () =>
    eventually('the cancellation', () => asked().includes('POST /v1/predictions/p1/cancel'));

  it('when the call is aborted within its answer', async () => {
    const controller = new AbortController();
    shared.upstream.script({ steps: [OUTPUT, 'hang'] });
    const reading = (async () => {
      for await (const delta of call(MODEL, {}, controller.signal)) {
        if (delta.type === 'text') controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    await cancelled();
  });

  it('when the call is aborted before the prediction’s id is known', async () => {
    const controller = new AbortController();
    let release = (): void => {};
    const before = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer({ request: /^POST .*predictions$/, script: { ...json(created(), 201), before } });
    const outcome = collect(call(MODEL, {}, controller.signal));
    await eventually('the creation', () => asked().length === 1);
    controller.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ deltas: [], error: { message: 'enough' } });
    release();
    await cancelled();
    expect(shared.upstream.exchanges).toEqual([]);
  });

  it.each<[string, Partial<Deployment>]>([
    ['takes too long', { timeout: 0.2 }],
    ['falls silent', { streamTimeout: 0.1 }],
  ])('when it %s', async (_name, changes) => {
    shared.upstream.script({ steps: [OUTPUT, 'hang'] });
    expect(await collect(call(MODEL, changes))).toMatchObject({ error: { code: 'upstream_timeout' } });
    await cancelled();
  });

  it('when nobody reads on', async () => {
    shared.upstream.script({ steps: [OUTPUT, 'hang'] });
    for await (const _delta of call()) break;
    await cancelled();
  });
});

describe('the address of a stream', () => {
  async function follow(stream: string, apiBase: string | null) {
    const prediction = { id: 'p1', status: 'succeeded', urls: { stream } };
    const { request, error } = await requestOf('replicate', MODEL, { apiBase }, prediction);
    return { error, sent: request && { url: request.url, headers: request.headers } };
  }

  it.each([
    ['https://stream.replicate.com/v1/files/x', null, true],
    ['https://stream-b.svc.rno2.c.replicate.net/v1/streams/x', null, false],
    ['https://replicate.com.evil.test/x', null, false],
    ['https://api.replicate.com.evil.test/x', null, false],
    ['http://proxy.test:81/streams/x', 'http://proxy.test:81/v1', true],
  ])('may be %s below %s, with the key: %s', async (stream, apiBase, withKey) => {
    const { error, sent } = await follow(stream, apiBase);
    expect(error).toBeNull();
    expect(sent).toEqual({ url: stream, headers: withKey ? { authorization: 'Bearer sk-test' } : {} });
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', null],
    ['http://api.replicate.com/x', null],
    ['http://proxy.test:82/x', 'http://proxy.test:81/v1'],
    ['file:///etc/passwd', null],
    ['nonsense', null],
  ])('must not be %s below %s', async (stream, apiBase) => {
    const { error, sent } = await follow(stream, apiBase);
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
    expect(sent).toBeNull();
  });
});
