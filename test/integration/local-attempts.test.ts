import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptEvent, ChatCompletionChunk, LoggedCall } from '../../src/local/index.ts';
import {
  AttemptInterruptedError,
  InternalServerError,
  JobExpiredError,
  RateLimitError,
} from '../../src/local/index.ts';
import { answers, endsEarly, refuses } from '../support/chat-upstream.ts';
import { configured, deployment } from '../support/local-sluice.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
beforeEach(async () => {
  upstream = await UpstreamServer.start();
});
afterEach(() => upstream.stop());

const messages = [{ role: 'user' as const, content: 'go' }];
const ask = { model: 'm', messages };
/** More than this test would wait for. */
const HOUR = 3600;

/** Two deployments of one server, so that the second attempt begins at once; then none for an hour. */
function twice(num_retries = 1) {
  return configured({
    model_list: [deployment('m', upstream.url), deployment('m', upstream.url)],
    router_settings: { num_retries, retry_after: HOUR },
  });
}

function textOf(chunks: readonly ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** What a stream gives, and what ends it. */
async function read(stream: AsyncIterable<ChatCompletionChunk>) {
  const chunks: ChatCompletionChunk[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
    return { text: textOf(chunks), error: null };
  } catch (error) {
    return { text: textOf(chunks), error };
  }
}

describe('an attempt that fails before any text', () => {
  it.each([
    ['refused', refuses(503, 'busy')],
    ['cut off before its beginning', { before: 'cut', steps: [] } as const],
    ['ended after its beginning', endsEarly([])],
  ])('is repeated unseen where it is %s', async (_how, first) => {
    upstream.script(first, answers(['whole']));
    const { text, error } = await read(twice().completion({ ...ask, stream: true }));
    expect(error).toBeNull();
    expect(text).toBe('whole');
    expect(upstream.exchanges).toHaveLength(2);
  });

  it('is told of where somebody wants to know, as the first one is', async () => {
    upstream.script(refuses(503, 'busy'), answers(['whole']));
    const told: AttemptEvent[] = [];
    const onAttempt = (attempt: AttemptEvent): void => void told.push(attempt);
    await read(twice().completion({ ...ask, stream: true, onAttempt }));
    expect(told).toEqual([
      { epoch: 1, provider: 'openai', model: 'gpt-4o' },
      { epoch: 2, provider: 'openai', model: 'gpt-4o' },
    ]);
  });

  it('is repeated as often as is configured, and then is the error', async () => {
    upstream.script(refuses(429, 'slow down', { 'retry-after': '7' }));
    const { error } = await read(twice(1).completion({ ...ask, stream: true }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      message: expect.stringContaining('slow down'),
      retryable: true,
      retryAfter: 7,
      jobId: null,
    });
    expect(upstream.exchanges).toHaveLength(2);
  });

  it('waits where there is no other deployment, and tries the same one again', async () => {
    upstream.script(refuses(503, 'busy'), answers(['whole']));
    const { completion } = configured({ model_list: [deployment('m', upstream.url)] });
    expect((await completion(ask)).choices[0]?.message.content).toBe('whole');
  });

  it('goes to the other deployment of its model', async () => {
    const other = await UpstreamServer.start();
    try {
      upstream.script(refuses(500, 'broken'));
      other.script(answers(['from the other']));
      const { completion } = configured({
        model_list: [deployment('m', upstream.url), deployment('m', other.url)],
        router_settings: { retry_after: HOUR },
      });
      expect((await completion(ask)).choices[0]?.message.content).toBe('from the other');
      expect(upstream.exchanges).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  it('waits once no deployment is left that has not failed', async () => {
    upstream.script(refuses(503, 'busy'));
    await expect(twice(2).completion({ ...ask, timeout: 2 })).rejects.toBeInstanceOf(JobExpiredError);
  });

  it('is not repeated where the request is at fault', async () => {
    upstream.script(refuses(400, 'no such thing'));
    await expect(twice().completion(ask)).rejects.toMatchObject({
      name: 'BadRequestError',
      status: 400,
      code: 'upstream_bad_request',
      retryable: false,
    });
    expect(upstream.exchanges).toHaveLength(1);
  });
});

describe('an attempt that fails after text', () => {
  it('ends the stream, because another one would begin anew', async () => {
    upstream.script(endsEarly(['half of ']), answers(['whole']));
    const { text, error } = await read(twice().completion({ ...ask, stream: true }));
    expect(text).toBe('half of ');
    expect(error).toBeInstanceOf(AttemptInterruptedError);
    expect(error).toMatchObject({ code: 'attempt_interrupted', status: 502, jobId: null });
    expect((error as Error).cause).toMatchObject({ code: 'upstream_truncated' });
    expect(upstream.exchanges).toHaveLength(1);
  });

  it('is followed by the next one where somebody is told', async () => {
    upstream.script(endsEarly(['half of ']), answers(['whole']));
    let text = '';
    const onAttempt = (): void => {
      text = '';
    };
    const stream = twice().completion({ ...ask, stream: true, onAttempt });
    for await (const chunk of stream) text += textOf([chunk]);
    expect(text).toBe('whole');
    expect((await stream.finalCompletion()).choices[0]?.message.content).toBe('whole');
  });

  it('is forgotten where the whole answer is wanted', async () => {
    upstream.script(endsEarly(['half of ']), answers(['whole']));
    expect((await twice().completion(ask)).choices[0]?.message.content).toBe('whole');
    expect(upstream.exchanges).toHaveLength(2);
  });

  it('is the error where nothing follows', async () => {
    upstream.script(endsEarly(['half of ']));
    const { completion } = twice(0);
    const { error } = await read(completion({ ...ask, stream: true }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ code: 'upstream_truncated', status: 502 });
  });
});

describe('what a logger is told', () => {
  async function told(...scripts: Parameters<UpstreamServer['script']>): Promise<LoggedCall | undefined> {
    upstream.script(...scripts);
    const prices = { input_cost_per_token: 0.001, output_cost_per_token: 0.01 };
    const { completion } = configured({
      model_list: [deployment('m', upstream.url, prices), deployment('m', upstream.url, prices)],
    });
    const calls: LoggedCall[] = [];
    await completion({ ...ask, logger_fn: (call) => calls.push(call) });
    return calls[1];
  }

  it('is the cost of all attempts, of which a refused one has none', async () => {
    expect(await told(refuses(503, 'busy'), answers(['whole']))).toMatchObject({
      attempt: 2,
      cost: { usd: 0.21, estimated: false },
      job_id: null,
    });
  });

  it('is what a broken one cost, too, as far as that can be counted', async () => {
    const call = await told(endsEarly(['one two three four']), answers(['whole']));
    expect(call).toMatchObject({ attempt: 2, cost: { estimated: true }, usage: { total_tokens: 30 } });
    expect(call?.cost?.usd).toBeGreaterThan(0.21 + 0.04);
  });

  it('is usage that was counted here where the provider sends none', async () => {
    const call = await told(answers(['one two three four'], null));
    expect(call).toMatchObject({ usage: { completion_tokens: expect.any(Number), estimated: true } });
    expect(call?.response?.usage).toEqual(call?.usage);
  });

  it('is what a stream ends with, too', async () => {
    upstream.script(answers(['one two three four'], null));
    const stream = twice().completion({ ...ask, stream: true, stream_options: { include_usage: true } });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { estimated: true } });
  });

  it('does not matter to the call, whatever the logger does', async () => {
    upstream.script(answers(['whole']));
    const { completion, acompletion } = twice();
    const throws = (): never => {
      throw new Error('the logger’s own');
    };
    const rejects = (): Promise<never> => Promise.reject(new Error('the logger’s own'));
    for (const logger_fn of [throws, rejects]) {
      const { text, error } = await read(await acompletion({ ...ask, stream: true, logger_fn }));
      expect({ text, error }).toEqual({ text: 'whole', error: null });
      expect((await completion({ ...ask, logger_fn })).choices[0]?.message.content).toBe('whole');
    }
  });
});
