import { describe, expect, test } from 'vitest';
import { ask, messages, openAiSluice } from '../support/openai-client.ts';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const { upstream, client: clientOf } = await openAiSluice();

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = () => clientOf({}, Client);

  test('parse: what was answered as a schema says, and the arguments of a strict tool', async () => {
    const format = {
      type: 'json_schema',
      json_schema: { name: 'sum', strict: true, schema: { type: 'object' } },
    } as const;
    const answer = { sum: 5 };
    const { choices } = await client().chat.completions.parse(
      ask(JSON.stringify(answer), { response_format: format }),
    );
    expect(choices[0]?.message).toMatchObject({ content: '{"sum":5}', parsed: answer, refusal: null });
    const tool = {
      type: 'function',
      function: { name: 'add', strict: true, parameters: { type: 'object' } },
    } as const;
    const called = await client().chat.completions.parse(
      ask({ tool_calls: [{ name: 'add', arguments: { a: 2 } }] }, { tools: [tool] }),
    );
    const [call] = called.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { name: 'add', parsed_arguments: { a: 2 } } });
  });

  test('runTools', async () => {
    upstream.script(
      {
        steps: [
          chunk({
            tool_calls: [
              { index: 0, id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } },
            ],
          }),
          chunk({}, { finish_reason: 'tool_calls' }),
          DONE,
        ],
      },
      { steps: [chunk({ content: 'Noon.' }), chunk({}, { finish_reason: 'stop' }), DONE] },
    );
    const runner = client().chat.completions.runTools({
      model: 'gpt-4o',
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'now',
            description: 'Tells the time.',
            parameters: { type: 'object', properties: {} },
            function: () => '12:00',
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('Noon.');
  });

  test('runTools, streamed, calls the tool and sends what it said', async () => {
    const before = upstream.exchanges.length;
    const called = { id: 'call_1', type: 'function', function: { name: 'add', arguments: '' } };
    upstream.script(
      {
        steps: [
          chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...called }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":2,' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '"b":3}' } }] }),
          chunk({}, { finish_reason: 'tool_calls' }),
          DONE,
        ],
      },
      {
        steps: [
          chunk({ role: 'assistant', content: 'It is 5.' }),
          chunk({}, { finish_reason: 'stop' }),
          DONE,
        ],
      },
    );
    const runner = client().chat.completions.runTools({
      model: 'gpt-4o',
      messages,
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            name: 'add',
            description: 'Adds two numbers.',
            parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
            parse: (text: string) => JSON.parse(text) as { a: number; b: number },
            function: ({ a, b }: { a: number; b: number }) => String(a + b),
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('It is 5.');
    const second = JSON.parse(upstream.exchanges[before + 1]?.body ?? '');
    expect(second.messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', function: { name: 'add', arguments: '{"a":2,"b":3}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '5' },
    ]);
  });
});
