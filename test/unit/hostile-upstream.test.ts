import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorFromAnswer, errorFromPayload } from '../../src/providers/errors/upstream-error.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { HttpClient } from '../../src/providers/transport/http-client.ts';
import { retryDelay } from '../../src/routing/retry-delay.ts';
import { decode } from '../support/decode.ts';
import { deployment, openaiOver, providerCall, run, userRequest } from '../support/provider-calls.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let upstream: UpstreamServer;
let http: HttpClient;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  http = new HttpClient({ errorTimeout: 50 });
});
afterAll(async () => {
  await http.close();
  await upstream.stop();
});

function answer(script: Script) {
  upstream.script(script);
  return run(
    openaiOver(http),
    userRequest('hi'),
    providerCall({ deployment: deployment({ apiBase: upstream.url, apiKey: 'sk-test-0123456789' }) }),
  );
}

/** A small call beside an answer. */
function json(script: Script, timeout = 60): Promise<unknown> {
  upstream.script(script);
  const { signal } = new AbortController();
  const call = { provider: 'replicate', deployment: deployment({ timeout }), signal };
  return http.json({ url: upstream.url, headers: {} }, call);
}

function event(payload: string): string {
  return `data: ${payload}\n\n`;
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

describe('an upstream that means no good', () => {
  it.each(['constructor', '__proto__', 'toString'])('is refused its content type %s', async (type) => {
    const { error } = await answer({ headers: { 'content-type': type }, steps: ['{}'] });
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });

  it.each([
    ['an error', { status: 500, headers: JSON_TYPE }],
    ['a page', { headers: { 'content-type': 'text/html' } }],
  ])('cannot tell clients the key that it was sent, by %s', async (_name, told) => {
    const { error } = await answer({ ...told, steps: ['{"message":"no such key as sk-test-0123456789"}'] });
    expect((error as Error).message).toContain('no such key as [redacted]');
    const secret = deployment({ settings: { client_secret: 'hush-hush', tenant_id: 'public-id' } });
    const call = { provider: 'azure', deployment: secret, signal: new AbortController().signal };
    upstream.script({ ...told, steps: ['hush-hush public-id'] });
    const asking = http.json({ url: upstream.url, headers: {} }, call);
    await expect(asking).rejects.toThrow('[redacted] public-id');
  });

  it('cannot tell them in the middle of a stream either', async () => {
    const { error } = await answer({
      steps: ['data: {"error":{"message":"no such key as sk-test-0123456789","code":429}}\n\n'],
    });
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryable: true });
    expect((error as Error).message).toContain('no such key as [redacted]');
  });

  it('is not waited for when its error has no end', async () => {
    const headers = { ...JSON_TYPE, 'retry-after': '3' };
    const { error } = await answer({ status: 429, headers, steps: ['{"error":', 'hang'] });
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 3 });
  });

  it('cannot make thousands of tool calls', () => {
    const tool_calls = Array.from({ length: 50_000 }, (_, index) => ({ index }));
    const { error } = decode(chatFormat(), [event(JSON.stringify({ choices: [{ delta: { tool_calls } }] }))]);
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });

  it.each([
    ['an unframed error', `error: {"detail":${nested(100_000)}}\n\n`],
    ['an error event', `event: error\n${event(`{"detail":${nested(100_000)}}`)}`],
    ['an error', event(`{"error":{"message":{"a":${nested(100_000)}}}}`)],
  ])('may nest %s as deeply as it likes', (_, text) => {
    const { error } = decode(chatFormat(), [text]);
    expect(error).toMatchObject({ code: 'upstream_error', message: expect.stringContaining('nested too') });
  });

  it.each(['input token count ', 'security token '])('may repeat "%s" for megabytes', (words) => {
    const began = performance.now();
    const error = errorFromPayload('openai', { error: { message: words.repeat(200_000), code: 400 } });
    expect(error.code).toBe('upstream_bad_request');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('cannot fill a message with a code or a field', () => {
    const error = { message: 'no', code: `invalid_api_key${'y'.repeat(9000)}`, param: 'p'.repeat(9000) };
    const told = errorFromAnswer({
      provider: 'x',
      status: 401,
      headers: {},
      body: JSON.stringify({ error }),
    });
    expect(told.message.length).toBeLessThan(400);
    expect(told.param).toHaveLength(200);
  });

  it.each([
    [-5, 1e308, 0, Number.MAX_SAFE_INTEGER],
    [7, -1, 7, 0],
  ])('cannot count %d and %d tokens', (prompt_tokens, completion_tokens, prompt, completion) => {
    const usage = { prompt_tokens, completion_tokens, total_tokens: -1 };
    const choices = [{ delta: { content: 'a' }, finish_reason: 'stop' }];
    const { deltas } = decode(chatFormat(), [event(JSON.stringify({ choices, usage }))]);
    const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: 0 };
    expect(deltas.at(-1)).toEqual({ type: 'usage', usage: counts });
  });

  it('cannot ask for a wait beyond a day', () => {
    const delay = retryDelay({ numRetries: 1, retryAfter: 0 }, 1, 1e308);
    expect(delay).toBe(86_400_000);
  });

  it('is told from one that is out of reach where its headers are endless', async () => {
    const { error } = await answer({ headers: { 'x-long': 'y'.repeat(1 << 20) }, steps: [] });
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});

describe('a small call beside an answer', () => {
  it('may have an answer of any usual size', async () => {
    const told = { id: 'p', input: { prompt: 'x'.repeat(200_000) } };
    expect(await json({ headers: JSON_TYPE, steps: [JSON.stringify(told)] })).toEqual(told);
  });

  it('is refused 16 MiB', async () => {
    const refused = expect(json({ headers: JSON_TYPE, steps: ['"', Buffer.alloc(17 << 20, 'x'), '"'] }));
    await refused.rejects.toMatchObject({ code: 'upstream_invalid_response' });
  });

  it('says that it took too long', async () => {
    const late = expect(json({ headers: JSON_TYPE, steps: ['{"a":', 'hang'] }, 0.1));
    await late.rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('leaves no connection open behind an error that nobody reads to its end', async () => {
    const failed = expect(json({ status: 500, steps: [Buffer.alloc(1 << 20, 'x'), 'hang'] }));
    await failed.rejects.toMatchObject({ code: 'upstream_error' });
    const { closed } = await upstream.received(upstream.exchanges.length);
    await closed;
  });
});
