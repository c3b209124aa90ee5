import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { openAiSluice } from '../support/openai-client.ts';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const { upstream, client: connect, job } = await openAiSluice();

type Whole = OpenAI.CompletionCreateParamsNonStreaming;

describe.each(OPENAI_VERSIONS)('%s', (_version, Client) => {
  const client = () => connect({ maxRetries: 0 }, Client);
  const ask = (prompt: string, changes: Partial<Whole> = {}): Whole => ({
    model: 'scripted/echo',
    prompt,
    ...changes,
  });

  test('create', async () => {
    const { data, response } = await client().completions.create(ask('one two three')).withResponse();
    expect(data).toEqual({
      id: expect.stringMatching(/^cmpl-[0-9a-f]{32}$/),
      object: 'text_completion',
      created: expect.any(Number),
      model: 'scripted/echo',
      choices: [{ text: 'one two three', index: 0, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
    });
    const id = response.headers.get('x-sluice-job-id');
    expect(id).toBe(`job_${data.id.slice('cmpl-'.length)}`);
    expect(await job(id)).toMatchObject({ url: '/v1/completions', status: 'completed', result: data });
  });

  test('n and echo', async () => {
    const { choices } = await client().completions.create(ask('twice', { n: 2, best_of: 2, echo: true }));
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'twicetwice'],
      [1, 'twicetwice'],
    ]);
  });

  test('streamed, with usage and the prompt echoed', async () => {
    const stream = await client().completions.create({
      ...ask('one two'),
      stream: true,
      stream_options: { include_usage: true },
      echo: true,
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices: [choice] }) => choice && [choice.text, choice.finish_reason])).toEqual([
      ['one two', null],
      ['one ', null],
      ['two', null],
      ['', 'stop'],
      undefined,
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 4 } });
    expect(chunks[0]).toMatchObject({ object: 'text_completion', usage: null });
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
  });

  test('what the endpoint shares with chat reaches the provider, and logprobs come back', async () => {
    const content = [
      { token: 'H', logprob: -0.1, bytes: [72], top_logprobs: [{ token: 'J', logprob: -2, bytes: null }] },
      {
        token: '🙂',
        logprob: -0.2,
        bytes: null,
        top_logprobs: [{ token: '🙂', logprob: -0.2, bytes: null }],
      },
      { token: '!', logprob: -0.3, bytes: null, top_logprobs: [] },
    ];
    upstream.script({
      steps: [
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'H🙂' }, { logprobs: { content: content.slice(0, 2) } }),
        chunk({ content: '!' }, { logprobs: { content: content.slice(2) } }),
        chunk({}, { finish_reason: 'length' }),
        DONE,
      ],
    });
    const shared = {
      max_tokens: 3,
      temperature: 0,
      top_p: 0.5,
      stop: ['\n'],
      seed: 1,
      logit_bias: { '50256': -100 },
      frequency_penalty: 1,
      presence_penalty: -1,
      user: 'Ada',
    };
    const request = { model: 'gpt-4o', prompt: ['Say hi'], logprobs: 1, ...shared };
    const logprobs = {
      tokens: ['H', '🙂', '!'],
      token_logprobs: [-0.1, -0.2, -0.3],
      top_logprobs: [{ H: -0.1, J: -2 }, { '🙂': -0.2 }, { '!': -0.3 }],
      text_offset: [0, 1, 2],
    };
    const whole = await client().completions.create(request);
    expect(whole.choices).toEqual([{ text: 'H🙂!', index: 0, logprobs, finish_reason: 'length' }]);
    const sent = JSON.parse(upstream.exchanges.at(-1)?.body ?? '');
    const messages = [{ role: 'user', content: 'Say hi' }];
    expect(sent).toMatchObject({ messages, logprobs: true, top_logprobs: 1, ...shared });
    expect(sent).not.toHaveProperty('prompt');

    const stream = await client().completions.create({ ...request, stream: true });
    const pieces = (await Array.fromAsync(stream)).map(({ choices }) => choices[0]?.logprobs?.text_offset);
    expect(pieces.filter(Boolean)).toEqual([[0, 1], [2]]);
  });

  test('mistakes are errors of the client', async () => {
    await expect(client().completions.create(ask('x', { suffix: 'y' }))).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_value',
      param: 'suffix',
    });
    const several = client().completions.create({ ...ask(''), prompt: ['a', 'b'], stream: true });
    await expect(several).rejects.toMatchObject({ status: 400, code: 'unsupported_value', param: 'prompt' });
  });

  test('an error after the beginning is raised while reading', async () => {
    upstream.script({ steps: [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hi' })] });
    const stream = await client().completions.create({ model: 'gpt-4o', prompt: 'hi', stream: true });
    const texts: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { choices } of stream) texts.push(choices[0]?.text);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated' });
    expect(texts).toEqual(['Hi']);
  });
});
