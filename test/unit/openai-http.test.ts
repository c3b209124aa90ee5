import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { HttpClient } from '../../src/providers/transport/http-client.ts';
import {
  deployment,
  type Outcome,
  openaiOver,
  providerCall,
  run,
  userRequest,
} from '../support/provider-calls.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

const TEXT = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';

let upstream: UpstreamServer;
let http: HttpClient;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
});
afterEach(async () => {
  await http.close();
  upstream.exchanges.length = 0;
});
afterAll(() => upstream.stop());

function provider(connections?: number): Provider {
  http = new HttpClient(connections === undefined ? {} : { connections });
  return openaiOver(http);
}

function callOf(changes: Partial<Deployment> = {}, signal?: AbortSignal) {
  const apiBase = `${upstream.url}/v1`;
  return providerCall({ deployment: deployment({ apiBase, ...changes }), ...(signal && { signal }) });
}

function answer(script: Script, changes: Partial<Deployment> = {}): Promise<Outcome> {
  upstream.script(script);
  return run(provider(), userRequest('hi'), callOf(changes));
}

/** Resolves when the client has the head of the next answer and this many bytes of it; at once for -1. */
function bytesArrived(size: number): Promise<void> {
  if (size < 0) return Promise.resolve();
  return new Promise((resolve) => {
    let left = size;
    const onHead = (): void => settle(0);
    const onChunk = (message: unknown): void => settle((message as { chunk: Uint8Array }).chunk.length);
    const settle = (length: number): void => {
      left -= length;
      if (left > 0) return;
      unsubscribe('undici:request:headers', onHead);
      unsubscribe('undici:request:bodyChunkReceived', onChunk);
      // What has arrived reaches its reader within this turn of the event loop.
      setImmediate(resolve);
    };
    subscribe('undici:request:headers', onHead);
    subscribe('undici:request:bodyChunkReceived', onChunk);
  });
}

function types({ deltas }: Outcome): string[] {
  return deltas.map(({ type }) => type);
}

describe('a call', () => {
  it.each([
    ['/v1', '/v1/chat/completions'],
    ['/v1/', '/v1/chat/completions'],
    ['', '/chat/completions'],
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/v1?api-version=1', '/v1/chat/completions?api-version=1'],
  ])('to the base %s goes to %s', async (base, path) => {
    await answer({ steps: [TEXT, FINISH, DONE] }, { apiBase: upstream.url + base });
    const { method, path: received, headers, body } = await upstream.received(1);
    expect([method, received]).toEqual(['POST', path]);
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'text/event-stream' });
    expect(headers.authorization).toBe('Bearer sk-test');
    expect(JSON.parse(body)).toMatchObject({ model: 'gpt-test', stream: true });
  });

  it('sends no key where there is none', async () => {
    await answer({ steps: [TEXT, FINISH] }, { apiKey: null });
    expect((await upstream.received(1)).headers).not.toHaveProperty('authorization');
  });

  it('leaves its connection to the next one', async () => {
    upstream.script({ steps: [TEXT, FINISH, DONE] });
    const openai = provider();
    const connections = new Set<number>();
    // The last bytes of an answer may come after its [DONE], so the very next call may need another socket.
    while (connections.size === upstream.exchanges.length) {
      expect(connections.size).toBeLessThan(20);
      expect((await run(openai, userRequest('hi'), callOf())).error).toBeNull();
      connections.add((await upstream.received(upstream.exchanges.length)).connection);
    }
  });

  it('that waits for a connection can be aborted, and times out', async () => {
    upstream.script({ before: 'hang', steps: [] });
    const openai = provider(1);
    const first = new AbortController();
    const second = new AbortController();
    const running = run(openai, userRequest('hi'), callOf({}, first.signal));
    await upstream.received(1);
    const waiting = run(openai, userRequest('hi'), callOf({}, second.signal));
    const late = await run(openai, userRequest('hi'), callOf({ timeout: 0.05 }));
    expect(late.error).toMatchObject({ code: 'upstream_timeout' });
    second.abort('second');
    expect((await waiting).error).toBe('second');
    first.abort('first');
    expect((await running).error).toBe('first');
    expect(upstream.exchanges).toHaveLength(1);
  });
});

describe('an abort', () => {
  it('before the call makes none', async () => {
    const { error } = await run(provider(), userRequest('hi'), callOf({}, AbortSignal.abort('why')));
    expect(error).toBe('why');
    expect(upstream.exchanges).toHaveLength(0);
  });

  it.each<[string, Script, number]>([
    ['before the answer', { before: 'hang', steps: [] }, -1],
    ['before the first event', { steps: ['hang'] }, 0],
    ['between events', { steps: [TEXT, 'hang'] }, TEXT.length],
    ['inside an event', { steps: [TEXT, TEXT.slice(0, 20), 'hang'] }, TEXT.length + 20],
    ['inside an error', { status: 500, steps: ['{"error":', 'hang'] }, 9],
    ['after the finish', { steps: [TEXT, FINISH, 'hang'] }, TEXT.length + FINISH.length],
  ])('%s closes the socket and throws its reason', async (_name, script, size) => {
    upstream.script(script);
    const arrived = bytesArrived(size);
    const controller = new AbortController();
    const running = run(provider(), userRequest('hi'), callOf({}, controller.signal));
    const { closed } = await upstream.received(1);
    await arrived;
    const reason = new Error('cancelled');
    controller.abort(reason);
    await closed;
    expect((await running).error).toBe(reason);
  });

  it('closes the socket also while nobody reads', async () => {
    upstream.script({ steps: [TEXT + TEXT, 'hang'] });
    const controller = new AbortController();
    const stream = provider().stream(userRequest('hi'), callOf({}, controller.signal));
    const iterator = stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ type: 'start' });
    controller.abort('why');
    await (await upstream.received(1)).closed;
    await expect(iterator.next()).rejects.toBe('why');
  });

  it('is not needed by a reader that stops', async () => {
    upstream.script({ steps: [TEXT, 'hang'] });
    for await (const _delta of provider().stream(userRequest('hi'), callOf())) break;
    await (await upstream.received(1)).closed;
  });
});

describe('a connection that fails', () => {
  it('to begin is unreachable', async () => {
    const { error } = await run(provider(), userRequest('hi'), callOf({ apiBase: 'http://127.0.0.1:1' }));
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: true });
    expect((error as Error).message).toContain('ECONNREFUSED');
  });

  it.each(['reset', 'cut'] as const)('before the answer (%s) is unreachable', async (before) => {
    expect((await answer({ before, steps: [] })).error).toMatchObject({ code: 'upstream_unreachable' });
  });

  it.each(['reset', 'cut'] as const)(
    'inside the answer (%s) truncates it, and keeps what came',
    async (how) => {
      let go = (): void => {};
      const taken = new Promise<void>((resolve) => {
        go = resolve;
      });
      upstream.script({ steps: [TEXT, taken, how] });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { type } of provider().stream(userRequest('hi'), callOf())) {
          seen.push(type);
          if (type === 'text') go();
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated', retryable: true });
      expect(seen).toEqual(['start', 'text']);
    },
  );

  it.each(['cut', 'hang'] as const)('after the finish (%s) leaves the answer whole', async (how) => {
    const outcome = await answer({ steps: [TEXT + FINISH, how] }, { streamTimeout: 0.05 });
    expect(outcome.error).toBeNull();
    expect(types(outcome)).toEqual(['start', 'text', 'finish']);
  });

  it('is not a URL', async () => {
    const { error } = await run(provider(), userRequest('hi'), callOf({ apiBase: 'localhost' }));
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: false });
  });
});

describe('an upstream that is silent', () => {
  it.each<[string, Script]>([
    ['before the answer', { before: 'hang', steps: [] }],
    ['before the first event', { steps: ['hang'] }],
    ['between events', { steps: [TEXT, 'hang'] }],
  ])('%s times out after streamTimeout', async (_name, script) => {
    const { error } = await answer(script, { streamTimeout: 0.05 });
    expect(error).toMatchObject({ code: 'upstream_timeout', retryable: true });
    expect((error as Error).message).toContain('sent nothing for 0.05 s');
    await (await upstream.received(1)).closed;
  });

  it('in total too long times out after timeout', async () => {
    const { error } = await answer({ steps: [TEXT, 'hang'] }, { timeout: 0.05 });
    expect((error as Error).message).toContain('did not finish in 0.05 s');
    expect(error).toMatchObject({ code: 'upstream_timeout' });
    await (await upstream.received(1)).closed;
  });
});

describe('an answer that is no stream', () => {
  const json = { 'content-type': 'application/json' };

  it('with an error status is that error, with its advice', async () => {
    const headers = { ...json, 'retry-after': '3', 'x-should-retry': 'false' };
    const body = JSON.stringify({
      error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' },
    });
    const { error } = await answer({ status: 429, headers, steps: [body] });
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 3, retryable: false });
    expect((error as Error).message).toContain('Slow down');
  });

  it('is read to 64 KiB', async () => {
    const { error } = await answer({
      status: 500,
      headers: json,
      steps: [Buffer.alloc(70_000, 'x'), 'hang'],
    });
    expect(error).toMatchObject({ code: 'upstream_error' });
    await (await upstream.received(1)).closed;
  });

  it('is told by its status where its body breaks off', async () => {
    const { error } = await answer({ status: 503, headers: json, steps: ['{"err', 'cut'] });
    expect(error).toMatchObject({ code: 'upstream_overloaded' });
  });

  it('is invalid with status 200, and quoted', async () => {
    const { error } = await answer({
      headers: { 'content-type': 'text/html' },
      steps: [`<p>${'x'.repeat(900)}`],
    });
    expect(error).toMatchObject({ code: 'upstream_invalid_response', retryable: true });
    expect((error as Error).message).toContain(`text/html in place of a stream: <p>${'x'.repeat(497)}…`);
  });

  it('is an error with status 200 where it says so', async () => {
    const body = JSON.stringify({ error: { message: 'm', code: 429 } });
    expect((await answer({ headers: json, steps: [body] })).error).toMatchObject({
      code: 'rate_limit_exceeded',
    });
  });

  it('may lack a content type, or spell it in its own way', async () => {
    expect((await answer({ headers: {}, steps: [TEXT, FINISH] })).error).toBeNull();
    const headers = { 'content-type': 'Text/Event-Stream;charset=utf-8' };
    expect((await answer({ headers, steps: [TEXT, FINISH] })).error).toBeNull();
  });

  it('is not followed to another address', async () => {
    const headers = { location: 'http://127.0.0.1:1/' };
    const { error } = await answer({ status: 307, headers, steps: [] });
    expect(error).toMatchObject({ code: 'upstream_invalid_response', retryable: false });
  });
});
