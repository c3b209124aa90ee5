import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoggedCall } from '../../src/client/index.ts';
import * as remote from '../../src/client/index.ts';
import * as local from '../../src/local/index.ts';
import { answers, endsEarly, USAGE } from '../support/chat-upstream.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

/** An answer of Jurassic-2 as AI21 sent it: one document. */
const J2_ANSWER = JSON.stringify({
  id: 'd2a4f2d1',
  prompt: { text: 'Hello, how are you?', tokens: [token('▁Hello'), token(','), token('▁how▁are▁you?')] },
  completions: [
    {
      data: { text: '\nFine, thank you.', tokens: [token('\n'), token('▁Fine,'), token('▁thank▁you.')] },
      finishReason: { reason: 'endoftext' },
    },
  ],
});

function token(text: string): object {
  return { generatedToken: { token: text, logprob: -0.1, raw_logprob: -0.1 }, topTokens: null };
}

const upstream = await UpstreamServer.start();
afterAll(() => upstream.stop());
const OPENAI = answers(['I am ', 'fine, ', 'thanks.']);
const AI21: Script = { headers: { 'content-type': 'application/json' }, steps: [J2_ANSWER] };
/** What is answered before the usual. */
const first: Script[] = [];
upstream.choose = ({ path }) => first.shift() ?? (path === '/v1/chat/completions' ? OPENAI : AI21);

const env = {
  OPENAI_API_KEY: 'sk-openai',
  OPENAI_BASE_URL: `${upstream.url}/v1`,
  AI21_API_KEY: 'sk-ai21',
  AI21_API_BASE: `${upstream.url}/studio/v1`,
};
const sluice = sharedSluice({ env });
// Both read it at their first call.
Object.assign(process.env, env);

const messages = [{ content: 'Hello, how are you?', role: 'user' as const }];
const TEXT = 'I am fine, thanks.';

beforeEach(() => {
  process.env.SLUICE_BASE_URL = sluice.url;
  upstream.exchanges.length = 0;
});

describe.each([
  ['sluice', remote],
  ['sluice/local', local],
] as const)('the examples of LiteLLM’s page on streaming, with %s', (_name, library) => {
  const { completion, acompletion, stream_chunk_builder } = library;

  it('streams', async () => {
    const printed: unknown[] = [];
    const response = completion({ model: 'gpt-3.5-turbo', messages, stream: true });
    for await (const chunk of response) printed.push(chunk.choices[0]?.delta);
    expect(printed).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'I am ' },
      { content: 'fine, ' },
      { content: 'thanks.' },
      {},
    ]);
    expect(upstream.exchanges).toHaveLength(1);
    expect(upstream.exchanges[0]?.headers.authorization).toBe('Bearer sk-openai');
  });

  it('builds the whole answer of chunks', async () => {
    const chunks = [];
    const response = completion({ model: 'gpt-3.5-turbo', messages, stream: true });
    for await (const chunk of response) chunks.push(chunk);
    expect(stream_chunk_builder(chunks)).toMatchObject({
      object: 'chat.completion',
      id: chunks[0]?.id,
      model: 'gpt-3.5-turbo',
      choices: [{ message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
    });
  });

  it('asks and waits', async () => {
    const response = await acompletion({ model: 'gpt-3.5-turbo', messages });
    expect(response.choices[0]?.message.content).toBe(TEXT);
    expect(response.usage).toEqual(USAGE);
  });

  it('asks, streams and tells a logger', async () => {
    const told: LoggedCall[] = [];
    const logger_fn = (call: LoggedCall): void => void told.push(call);
    const response = await acompletion({ model: 'gpt-3.5-turbo', messages, stream: true, logger_fn });
    let text = '';
    for await (const chunk of response) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TEXT);
    expect(told.map((call) => call.log_event_type)).toEqual(['pre_api_call', 'post_api_call']);
    expect(told[1]).toMatchObject({
      model: 'gpt-3.5-turbo',
      messages,
      optional_params: { stream: true },
      attempt: 1,
      usage: USAGE,
      // List prices are for OpenAI's own address.
      cost: null,
      response: { choices: [{ message: { content: TEXT } }] },
      error: null,
    });
  });

  it('awaits what is no promise, of a model of AI21’s', async () => {
    const told: string[] = [];
    const logger_fn = ({ log_event_type }: LoggedCall): void => void told.push(log_event_type);
    const response = await completion({ model: 'j2-ultra', messages, stream: true, logger_fn });
    let text = '';
    for await (const chunk of response) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('\nFine, thank you.');
    expect(told).toEqual(['pre_api_call', 'post_api_call']);
    const [exchange] = upstream.exchanges;
    expect(exchange).toMatchObject({ method: 'POST', path: '/studio/v1/j2-ultra/complete' });
    expect(exchange?.headers.authorization).toBe('Bearer sk-ai21');
    expect(JSON.parse(exchange?.body ?? '')).toMatchObject({ prompt: 'Hello, how are you?' });
  });
});

describe.each([
  ['sluice', remote, { goesOn: true }],
  ['sluice/local', local, { goesOn: false }],
] as const)('further attempts, with %s', (_name, { completion }, { goesOn }) => {
  const ask = { model: 'gpt-3.5-turbo', messages, stream: true } as const;

  it('are not seen where nothing was said', async () => {
    const begun = Promise.withResolvers<void>();
    first.push(endsEarly([], begun.promise));
    let text = '';
    for await (const chunk of completion(ask)) {
      text += chunk.choices[0]?.delta.content ?? '';
      begun.resolve();
    }
    expect(text).toBe(TEXT);
    expect(upstream.exchanges).toHaveLength(2);
  });

  it('end the stream where something was', async () => {
    // Text that no reader has is never seen.
    const seen = Promise.withResolvers<void>();
    first.push(endsEarly(['I am not '], seen.promise));
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of completion(ask)) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (text !== '') seen.resolve();
      }
    };
    await expect(read()).rejects.toMatchObject({
      name: 'AttemptInterruptedError',
      status: 502,
      code: 'attempt_interrupted',
      retryable: false,
    });
    expect(text).toBe('I am not ');
    // The job of a stream that ended so has its next attempt all the same.
    if (goesOn) await upstream.received(2);
    else expect(upstream.exchanges).toHaveLength(1);
  });

  it('are told of to who asks, and go on', async () => {
    const seen = Promise.withResolvers<void>();
    first.push(endsEarly(['I am not '], seen.promise));
    const texts: string[] = [];
    const told: object[] = [];
    const onAttempt = (attempt: object): void => {
      told.push(attempt);
      texts.push('');
    };
    for await (const chunk of completion({ ...ask, onAttempt })) {
      texts.push((texts.pop() ?? '') + (chunk.choices[0]?.delta.content ?? ''));
      if (texts[0] !== '') seen.resolve();
    }
    expect(texts).toEqual(['I am not ', TEXT]);
    expect(told).toEqual([1, 2].map((epoch) => ({ epoch, provider: 'openai', model: 'gpt-3.5-turbo' })));
  });

  it('are not seen where the whole answer is wanted', async () => {
    first.push(endsEarly(['I am not ']));
    const { choices } = await completion({ ...ask, stream: false });
    expect(choices[0]?.message.content).toBe(TEXT);
  });
});

describe('both', () => {
  it('give the same chunks, to the byte', async () => {
    const written = await Promise.all(
      [remote, local].map(async ({ completion }) => {
        const chunks: string[] = [];
        const stream_options = { include_usage: true };
        for await (const chunk of completion({
          model: 'gpt-3.5-turbo',
          messages,
          stream: true,
          stream_options,
        })) {
          expect(chunk.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
          chunks.push(JSON.stringify({ ...chunk, id: 'id', created: 0 }));
        }
        return chunks;
      }),
    );
    expect(written[0]).toHaveLength(6);
    expect(written[1]).toEqual(written[0]);
  });

  it('give the same whole answer', async () => {
    const answer = async ({ completion }: typeof local | typeof remote) => {
      const { id: _id, created: _created, ...rest } = await completion({ model: 'j2-ultra', messages });
      return JSON.stringify(rest);
    };
    expect(await answer(local)).toBe(await answer(remote));
  });
});
