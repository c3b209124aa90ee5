import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { describe, expect, test } from 'vitest';
import { anthropicSluice, ask, messages } from '../support/anthropic-client.ts';
import { begin, block, end, text } from '../support/anthropic-events.ts';

const { client, upstream, sent } = await anthropicSluice();

describe('the helpers of the client', () => {
  const format = jsonSchemaOutputFormat({
    type: 'object',
    properties: { sum: { type: 'number' } },
    required: ['sum'],
    additionalProperties: false,
  } as const);

  test('parse, and a stream whose end is parsed', async () => {
    const request = ask('{"sum":5}', { output_config: { format } });
    expect((await client().messages.parse(request)).parsed_output).toEqual({ sum: 5 });
    const streamed = await client().messages.stream(request).finalMessage();
    expect(streamed.parsed_output).toEqual({ sum: 5 });
  });

  test('a conversation that the server would hold is refused as its client understands', async () => {
    const request = { model: 'claude', max_tokens: 100, messages, thread: { type: 'create' } } as const;
    await expect(client().beta.messages.create(request)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    });
    const thread = client().beta.messages.thread({
      model: 'claude',
      max_tokens: 100,
      unsupportedRequestBehavior: 'continue_unthreaded',
    });
    upstream.script({ steps: [begin(), text(0, 'Hi.'), end('end_turn')] });
    expect((await thread.send({ role: 'user', content: 'hello' })).content).toMatchObject([
      { type: 'text', text: 'Hi.' },
    ]);
    upstream.script({ steps: [begin(), text(0, 'Bye.'), end('end_turn')] });
    await thread.send({ role: 'user', content: 'more' });
    expect(sent().messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  test('fields that only its newest clients have reach Anthropic, and nobody else', async () => {
    const newest = { fallbacks: [{ model: 'claude-other' }], compaction: { type: 'enabled' } };
    const request = ask('x', { model: 'claude', ...newest, mock_response: undefined });
    upstream.script({ steps: [begin(), text(0, 'Hi.'), end('end_turn')] });
    await client().messages.create(request);
    expect(sent()).toMatchObject(newest);
    const elsewhere = client().messages.create({ ...request, model: 'gpt' });
    await expect(elsewhere).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
  });

  test.each([false, true])(
    'a tool runner calls the tool and sends what it said, streamed: %s',
    async (stream) => {
      const use = { type: 'tool_use', id: 'toolu_1', name: 'add', input: {} };
      const input = { type: 'input_json_delta', partial_json: '{"a":2,"b":3}' };
      upstream.script(
        { steps: [begin(), text(0, 'I add.'), block(1, use, input), end('tool_use')] },
        { steps: [begin(), text(0, 'It is 5.'), end('end_turn')] },
      );
      const runner = client().beta.messages.toolRunner({
        model: 'claude',
        max_tokens: 100,
        messages,
        stream,
        tools: [
          {
            type: 'custom',
            name: 'add',
            description: 'Adds two numbers.',
            input_schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
            parse: (given: unknown) => given as { a: number; b: number },
            run: ({ a, b }: { a: number; b: number }) => String(a + b),
          },
        ],
      });
      const last = await runner.runUntilDone();
      expect(last.content).toMatchObject([{ type: 'text', text: 'It is 5.' }]);
      expect(sent().messages.slice(1)).toMatchObject([
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I add.' },
            { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 2, b: 3 } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '5' }] }],
        },
      ]);
    },
  );
});
