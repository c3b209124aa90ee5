import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, messages, openAiSluice } from '../support/openai-client.ts';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const { upstream, client: clientOf, job } = await openAiSluice();

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = (options = {}) => clientOf(options, Client);

  describe('whole', () => {
    test('create', async () => {
      const completion = await client().chat.completions.create(ask('one two three'));
      expect(completion).toMatchObject({
        id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
        object: 'chat.completion',
        model: 'scripted/echo',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'one two three' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
      });
      expect(completion._request_id).toMatch(/^req_/);
    });

    test('n: 2', async () => {
      const { choices } = await client().chat.completions.create(ask('twice', { n: 2 }));
      expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
        [0, 'twice'],
        [1, 'twice'],
      ]);
    });

    test('withResponse', async () => {
      const { data, response, request_id } = await client().chat.completions.create(ask('hi')).withResponse();
      expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
      expect(response.headers.get('x-request-id')).toBe(request_id);
      const id = response.headers.get('x-sluice-job-id');
      expect((await job(id)).result).toEqual(JSON.parse(JSON.stringify(data)));
    });

    test('whatever OpenAI takes reaches the provider as it was sent', async () => {
      upstream.script({ steps: [chunk({ content: 'ok' }), chunk({}, { finish_reason: 'stop' }), DONE] });
      const custom = { id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } } as const;
      const request: OpenAI.ChatCompletionCreateParamsNonStreaming = {
        model: 'gpt-4o',
        messages: [
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', name: 'Ada', content: [{ type: 'image_url', image_url: { url: 'data:,x' } }] },
          { role: 'assistant', content: null, tool_calls: [custom], refusal: null },
          { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '1' }] },
          { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
        ],
        tools: [
          { type: 'function', function: { name: 'sql', strict: true, parameters: { type: 'object' } } },
        ],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [{ type: 'function' }] },
        },
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
        logit_bias: { '50256': -100 },
        store: true,
        metadata: { a: 'b' },
        modalities: ['text'],
        prediction: { type: 'content', content: 'x' },
        reasoning_effort: 'low',
        max_completion_tokens: 5,
        temperature: null,
        stop: null,
        n: null,
        seed: -1,
        user: 'Ada',
      };
      await client().chat.completions.create(request);
      // A null means what a missing field means.
      const { temperature: _, stop: __, n: ___, ...set } = request;
      const sent = JSON.parse(upstream.exchanges.at(-1)?.body ?? '');
      expect(sent).toMatchObject(set);
      for (const field of ['temperature', 'stop', 'n']) expect(sent).not.toHaveProperty(field);
    });

    test('a custom tool, whose calls no answer could carry, is refused by name', async () => {
      const asking = client().chat.completions.create({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: 'hi' }],
        tools: [{ type: 'custom', custom: { name: 'sql', format: { type: 'text' } } }],
      });
      await expect(asking).rejects.toMatchObject({
        status: 400,
        code: 'unsupported_value',
        param: 'tools[0].type',
      });
    });

    test('logprobs', async () => {
      const content = [
        {
          token: 'Hi',
          logprob: -0.1,
          bytes: [72, 105],
          top_logprobs: [{ token: 'Ho', logprob: -2, bytes: null }],
        },
        { token: '!', logprob: -0.2, bytes: null, top_logprobs: [] },
      ];
      upstream.script({
        steps: [
          chunk({ role: 'assistant', content: '' }),
          chunk({ content: 'Hi' }, { logprobs: { content: content.slice(0, 1) } }),
          chunk({ content: '!' }, { logprobs: { content: content.slice(1) } }),
          chunk({}, { finish_reason: 'stop' }),
          DONE,
        ],
      });
      const request = { model: 'gpt-4o', messages, logprobs: true, top_logprobs: 1 } as const;
      const whole = await client().chat.completions.create(request);
      expect(whole.choices[0]?.logprobs).toEqual({ content, refusal: null });
      expect(JSON.parse(upstream.exchanges.at(-1)?.body ?? '')).toMatchObject(request);
      const chunks = await Array.fromAsync(
        await client().chat.completions.create({ ...request, stream: true }),
      );
      expect(chunks.flatMap(({ choices }) => choices[0]?.logprobs ?? [])).toEqual([
        { content: content.slice(0, 1), refusal: null },
        { content: content.slice(1), refusal: null },
      ]);
      const streamed = await client().chat.completions.stream(request).finalChatCompletion();
      expect(streamed.choices[0]?.logprobs?.content).toEqual(content);
    });
  });

  describe('streamed', () => {
    test('create with for await and include_usage', async () => {
      const stream = await client().chat.completions.create(
        ask('one two three', { stream: true, stream_options: { include_usage: true } } as const),
      );
      const chunks = await Array.fromAsync(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('one two three');
      expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 4 } });
      expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
    });

    test('the stream helper ends with the same completion as its job', async () => {
      const stream = client().chat.completions.stream(
        ask('one two three', { stream_options: { include_usage: true } } as const),
      );
      const pieces: string[] = [];
      stream.on('content', (piece) => pieces.push(piece));
      const completion = await stream.finalChatCompletion();
      expect(pieces.join('')).toBe('one two three');
      expect(completion.choices[0]?.message.content).toBe('one two three');
      const { result } = await job(`job_${completion.id.slice('chatcmpl-'.length)}`);
      expect(completion).toMatchObject({ id: result.id, created: result.created, usage: result.usage });
    });

    test('n: 2, each choice with a beginning and an end of its own', async () => {
      const request = ask('one two', { n: 2 });
      const chunks = await Array.fromAsync(
        await client().chat.completions.create({ ...request, stream: true }),
      );
      for (const index of [0, 1]) {
        const own = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index));
        expect(own[0]?.delta.role).toBe('assistant');
        expect(own.map(({ delta }) => delta.content ?? '').join('')).toBe('one two');
        expect(own.map(({ finish_reason }) => finish_reason).filter((reason) => reason !== null)).toEqual([
          'stop',
        ]);
      }
      const { choices } = await client().chat.completions.stream(request).finalChatCompletion();
      expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
        [0, 'one two'],
        [1, 'one two'],
      ]);
    });

    test('tool calls', async () => {
      const tool_calls = [
        { id: 'call_1', name: 'weather', arguments: { city: 'Zürich', days: 3 } },
        { id: 'call_2', name: 'time', arguments: {} },
      ];
      const completion = await client().chat.completions.stream(ask({ tool_calls })).finalChatCompletion();
      expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
      expect(completion.choices[0]?.message.tool_calls).toMatchObject([
        {
          id: 'call_1',
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Zürich","days":3}' },
        },
        { id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } },
      ]);
    });
  });

  test('models', async () => {
    const models = await Array.fromAsync(client().models.list());
    expect(models).toEqual(
      ['gpt-4o', 'scripted/*'].map((id) => ({
        id,
        object: 'model',
        created: expect.any(Number),
        owned_by: 'sluice',
      })),
    );
    expect(await client().models.retrieve('gpt-4o')).toMatchObject({ id: 'gpt-4o', object: 'model' });
    expect(await client().models.retrieve('scripted/echo')).toMatchObject({ id: 'scripted/echo' });
    await expect(client().models.retrieve('gpt-4')).rejects.toMatchObject({
      constructor: Client.NotFoundError,
      code: 'model_not_found',
      param: 'model',
    });
  });
});
