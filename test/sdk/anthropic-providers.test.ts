import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { anthropicSluice, messages, plain, weather } from '../support/anthropic-client.ts';
import { begin, block, end, event, text } from '../support/anthropic-events.ts';

const { upstream, client, sent } = await anthropicSluice();

describe('with OpenAI behind it', () => {
  const chunk = (delta: object, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const done = 'data: [DONE]\n\n';

  test('a conversation with tools, thinking, an image and marks', async () => {
    const fn = { name: 'weather', arguments: '{"city":"Bern"}' };
    upstream.script({
      steps: [
        chunk({ role: 'assistant', content: 'I look.' }),
        chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: fn }] }),
        chunk({}, 'tool_calls'),
        done,
      ],
    });
    const question: Anthropic.MessageParam = {
      role: 'user',
      content: [
        { type: 'text', text: 'Here?', cache_control: { type: 'ephemeral' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      ],
    };
    const request: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'gpt',
      max_tokens: 4000,
      system: 'Be brief.',
      messages: [question],
      thinking: { type: 'enabled', budget_tokens: 2000 },
      tools: [weather],
      tool_choice: { type: 'any' },
    };
    const first = await client().messages.create(request);
    expect(plain(first)).toMatchObject({
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
      ],
      stop_reason: 'tool_use',
    });

    upstream.script({ steps: [chunk({ content: 'Sunny.' }), chunk({}, 'stop'), done] });
    const result = { type: 'tool_result', tool_use_id: 'call_1', content: 'sunny' } as const;
    const turns: Anthropic.MessageParam[] = [
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result, { type: 'text', text: 'So?' }] },
    ];
    const second = await client()
      .messages.stream({ ...request, messages: turns })
      .finalMessage();
    expect(second).toMatchObject({ content: [{ type: 'text', text: 'Sunny.' }], stop_reason: 'end_turn' });
    const { description, input_schema: parameters } = weather;
    expect(sent()).toEqual({
      model: 'gpt-5',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 4000,
      reasoning_effort: 'low',
      tools: [{ type: 'function', function: { name: 'weather', description, parameters } }],
      tool_choice: 'required',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          ],
        },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'I look.' }],
          tool_calls: [{ id: 'call_1', type: 'function', function: fn }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        { role: 'user', content: [{ type: 'text', text: 'So?' }] },
      ],
    });
  });

  test('what it does not have is refused by name', async () => {
    const asking = client().messages.create({
      model: 'gpt',
      max_tokens: 5,
      messages,
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
    });
    await expect(asking).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('tools[0].type'),
    });
  });
});

describe('with Anthropic behind it', () => {
  test.each([
    ['max_tokens', { stop_reason: 'max_tokens', stop_sequence: null }],
    ['pause_turn', { stop_reason: 'pause_turn' }],
    ['refusal', { stop_reason: 'refusal' }],
    ['model_context_window_exceeded', { stop_reason: 'model_context_window_exceeded' }],
    ['stop_sequence', { stop_reason: 'stop_sequence', stop_sequence: 'END' }],
  ])('the end is Anthropic’s own: %s', async (reason, ending) => {
    const sequence = reason === 'stop_sequence' ? { stop_sequence: 'END' } : {};
    upstream.script({ steps: [begin(), text(0, 'ok'), end(reason, sequence)] });
    const request = { model: 'claude', max_tokens: 5, messages };
    expect(await client().messages.create(request)).toMatchObject(ending);
    expect(await client().messages.stream(request).finalMessage()).toMatchObject(ending);
  });

  test('beta features reach it', async () => {
    upstream.script({ steps: [begin(), text(0, 'ok'), end('end_turn')] });
    await client().beta.messages.create({
      model: 'claude',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
      betas: ['context-management-2025-06-27', 'other-2026-01-01'],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
    });
    const { headers } = upstream.exchanges.at(-1) ?? {};
    expect(headers?.['anthropic-beta']).toBe('context-management-2025-06-27,other-2026-01-01');
    expect(sent()).toMatchObject({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
    expect(sent()).not.toHaveProperty('anthropic_beta');
  });

  test('what it says of an edited conversation, of its cache, and of where and how fast it ran', async () => {
    const context_management = { applied_edits: [{ type: 'clear_tool_uses_20250919' }] };
    const diagnostics = { cache_miss_reason: { type: 'system_changed' } };
    const usage = { input_tokens: 3, output_tokens: 1, inference_geo: 'eu', speed: 'fast' };
    const message = { type: 'message', role: 'assistant', content: [], usage, diagnostics };
    const steps = [
      event('message_start', { message }),
      text(0, 'ok'),
      event('message_delta', {
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: 2 },
        context_management,
      }),
      event('message_stop'),
    ];
    const said = { context_management, diagnostics };
    const ran = { inference_geo: 'eu', speed: 'fast' };
    const request = { model: 'claude', max_tokens: 10, messages };
    upstream.script({ steps });
    expect(await client().beta.messages.create(request)).toMatchObject({ ...said, usage: ran });
    upstream.script({ steps });
    expect(await client().beta.messages.stream(request).finalMessage()).toMatchObject(said);
  });

  test('what it calls an error in the stream is one', async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    upstream.script({
      steps: [begin(), text(0, 'ok'), `event: error\ndata: ${JSON.stringify(overloaded)}\n\n`],
    });
    const stream = client().messages.stream({ model: 'claude', max_tokens: 5, messages });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
  });

  test('a request arrives as it was sent, thinking of earlier turns included', async () => {
    upstream.script({ steps: [begin(), text(0, 'ok'), end('end_turn')] });
    const request: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude',
      max_tokens: 4000,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' },
              title: 'T',
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'let me see', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'aGlkZGVu' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'text', text: 'no' }],
              is_error: true,
            },
            { type: 'text', text: 'Well?', cache_control: { type: 'ephemeral', ttl: '1h' } },
          ],
        },
      ],
      thinking: { type: 'enabled', budget_tokens: 2000 },
      tools: [
        { ...weather, cache_control: { type: 'ephemeral' } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
    };
    await client().messages.create(request);
    expect(sent()).toEqual({ ...request, model: 'claude-sonnet-4-5', stream: true });
  });

  test('thinking comes signed, and tools answer in a second turn', async () => {
    const thinking = { type: 'thinking', thinking: 'hm, well', signature: 'c2ln' } as const;
    upstream.script({
      steps: [
        begin({
          input_tokens: 3,
          cache_read_input_tokens: 4,
          cache_creation_input_tokens: 5,
          output_tokens: 1,
        }),
        block(
          0,
          { type: 'thinking', thinking: '', signature: '' },
          { type: 'thinking_delta', thinking: 'hm, ' },
          { type: 'thinking_delta', thinking: 'well' },
          { type: 'signature_delta', signature: 'c2ln' },
        ),
        block(1, { type: 'redacted_thinking', data: 'aGlkZGVu' }),
        text(2, 'I look.'),
        block(
          3,
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
          { type: 'input_json_delta', partial_json: '{"city":"Bern"}' },
        ),
        end('tool_use'),
      ],
    });
    const request = { model: 'claude', max_tokens: 4000, messages, tools: [weather] };
    const whole = await client().messages.create(request);
    const streamed = await client().messages.stream(request).finalMessage();
    expect({ ...plain(streamed), id: whole.id }).toEqual(plain(whole));
    expect(plain(whole)).toMatchObject({
      content: [
        thinking,
        { type: 'redacted_thinking', data: 'aGlkZGVu' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 5,
        output_tokens: 2,
      },
    });

    upstream.script({ steps: [begin(), text(0, 'Sunny.'), end('end_turn')] });
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' } as const;
    await client().messages.create({
      ...request,
      messages: [
        ...messages,
        { role: 'assistant', content: whole.content },
        { role: 'user', content: [result] },
      ],
    });
    const [, , said, called] = plain(whole).content;
    expect([said.citations, called.caller]).toEqual([null, { type: 'direct' }]);
    // Both mean what goes without saying.
    const { citations: _, ...spoken } = said;
    const { caller: __, ...call } = called;
    expect(sent().messages[1]).toEqual({
      role: 'assistant',
      content: [...plain(whole).content.slice(0, 2), spoken, call],
    });
  });
});
