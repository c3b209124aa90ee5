import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoggedCall } from '../../src/local/index.ts';
import { APIError, JobExpiredError } from '../../src/local/index.ts';
import { answers, hangs, refuses } from '../support/chat-upstream.ts';
import { configured, deployment } from '../support/local-sluice.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
beforeEach(async () => {
  upstream = await UpstreamServer.start();
});
afterEach(() => upstream.stop());

const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'go' }] };

function one(more: object = {}) {
  return configured({ model_list: [deployment('m', upstream.url)], ...more });
}

describe('a call that is aborted', () => {
  it('closes the provider’s connection, in the middle of a stream', async () => {
    upstream.script(hangs(['one ']));
    const controller = new AbortController();
    const reason = new Error('enough');
    const read = async (): Promise<void> => {
      for await (const { choices } of one().completion({ ...ask, stream: true, signal: controller.signal })) {
        if (choices[0]?.delta.content) controller.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
    await (await upstream.received(1)).closed;
  });

  it('closes it at once, also while nobody asks for the next chunk', async () => {
    upstream.script(hangs(['one ']));
    const controller = new AbortController();
    const { signal } = controller;
    const chunks = one()
      .completion({ ...ask, stream: true, signal })
      [Symbol.asyncIterator]();
    await chunks.next();
    controller.abort();
    await (await upstream.received(1)).closed;
    await expect(chunks.next()).rejects.toThrow('aborted');
  });

  it('closes it where the whole answer is waited for', async () => {
    upstream.script(hangs(['one ']));
    const controller = new AbortController();
    const answer = one().completion({ ...ask, signal: controller.signal });
    const refused = expect(answer).rejects.toThrow('aborted');
    const exchange = await upstream.received(1);
    controller.abort();
    await refused;
    await exchange.closed;
  });

  it('does not wait for its next attempt', async () => {
    upstream.script(refuses(429, 'slow down', { 'retry-after': '3600' }));
    const controller = new AbortController();
    const answer = one().completion({ ...ask, signal: controller.signal });
    const refused = expect(answer).rejects.toThrow('aborted');
    await upstream.received(1);
    controller.abort();
    await refused;
    expect(upstream.exchanges).toHaveLength(1);
  });

  it('calls nobody where that was so before', async () => {
    const signal = AbortSignal.abort();
    await expect(one().acompletion({ ...ask, signal })).rejects.toThrow('aborted');
    expect(upstream.exchanges).toHaveLength(0);
  });
});

describe('a stream that is left early', () => {
  it('closes the provider’s connection, and has cost what came', async () => {
    upstream.script(hangs(['one']));
    const told: LoggedCall[] = [];
    const logger_fn = (call: LoggedCall): void => void told.push(call);
    for await (const { choices } of one().completion({ ...ask, stream: true, logger_fn })) {
      if (choices[0]?.delta.content) break;
    }
    await (await upstream.received(1)).closed;
    expect(told[1]).toMatchObject({
      attempt: 1,
      response: null,
      error: null,
      usage: { completion_tokens: 1, estimated: true },
    });
  });

  it('has the usage that the provider had told of by then', async () => {
    const usage = { input_tokens: 25, output_tokens: 1 };
    const events = [
      { type: 'message_start', message: { id: 'm', role: 'assistant', content: [], model: 'm', usage } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one' } },
    ];
    const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    upstream.script({ steps: [...frames, 'hang'] });
    const anthropic = { model: 'anthropic/claude-x', api_base: upstream.url, api_key: 'sk-test' };
    const { completion } = configured({ model_list: [{ model_name: 'm', litellm_params: anthropic }] });
    const told: LoggedCall[] = [];
    const logger_fn = (call: LoggedCall): void => void told.push(call);
    for await (const { choices } of completion({ ...ask, stream: true, logger_fn })) {
      if (choices[0]?.delta.content) break;
    }
    expect(told[1]?.usage).toMatchObject({ prompt_tokens: 25, completion_tokens: 1 });
  });

  it('is not begun before somebody reads it', async () => {
    upstream.script(answers(['whole']));
    const stream = await one().acompletion({ ...ask, stream: true });
    expect(upstream.exchanges).toHaveLength(0);
    for await (const _ of stream);
    expect(upstream.exchanges).toHaveLength(1);
  });
});

describe('a call with a timeout', () => {
  it.each([true, false])('fails when that has passed (stream: %s)', async (stream) => {
    upstream.script(hangs(['one ']));
    const call = async (): Promise<void> => {
      const answer = await one().acompletion({ ...ask, stream, timeout: 0.2 });
      if (Symbol.asyncIterator in answer) for await (const _ of answer);
    };
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobExpiredError);
    expect(error).toMatchObject({ code: 'job_expired', status: 504, retryable: false });
    await (await upstream.received(1)).closed;
  });

  it('fails while it waits for its next attempt', async () => {
    upstream.script(refuses(429, 'slow down', { 'retry-after': '3600' }));
    await expect(one().completion({ ...ask, timeout: 0.2 })).rejects.toBeInstanceOf(JobExpiredError);
  });
});

it('an answer that is larger than is allowed is given up', async () => {
  upstream.script(hangs(['x'.repeat(2000)]));
  const { completion } = one({ general_settings: { max_output_bytes: 1000 } });
  await expect(completion(ask)).rejects.toMatchObject({ code: 'output_too_large', status: 502 });
  await (await upstream.received(1)).closed;
  expect(upstream.exchanges).toHaveLength(1);
});

it('chunks can be read once', async () => {
  upstream.script(answers(['whole']));
  const stream = one().completion({ ...ask, stream: true });
  for await (const _ of stream);
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(APIError);
});
