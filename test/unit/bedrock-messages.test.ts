import { describe, expect, it } from 'vitest';
import type { CompletionRequest, RequestMessage } from '../../src/core/completion.ts';
import { bedrockConverse } from '../../src/providers/formats/bedrock-converse/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const NOVA = 'amazon.nova-lite-v1:0';
const LLAMA = 'meta.llama3-3-70b-instruct-v1:0';
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';

interface Body {
  readonly system?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: readonly object[] }[];
  readonly toolConfig?: { readonly tools: readonly object[] };
}

function body(
  messages: CompletionRequest['messages'],
  model = CLAUDE,
  fields: Partial<CompletionRequest> = {},
): Body {
  return encodeRequest(bedrockConverse, model, { messages, ...fields }) as unknown as Body;
}

/** The blocks of the only turn. */
function blocks(content: RequestMessage['content'], model = CLAUDE): readonly object[] | undefined {
  return body([{ role: 'user', content }], model).messages[0]?.content;
}

const uri = (mediaType: string, text = 'a') =>
  `data:${mediaType};base64,${Buffer.from(text).toString('base64')}`;
const call = (id: string, name = 'f', args = '{"a":1}') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const tools = [{ type: 'function', function: { name: 'f' } }];
const user = (content: string) => ({ role: 'user' as const, content });

describe('turns of Converse', () => {
  it('have the system apart and one side once in a row, without blank texts', () => {
    const made = body([
      { role: 'system', content: 'A' },
      { role: 'developer', content: [{ type: 'text', text: 'B' }] },
      user('1'),
      user(' \n'),
      user('2'),
      { role: 'assistant', content: '' },
      { role: 'system', content: 'C' },
      user('3'),
      { role: 'assistant', content: 'So: ' },
    ]);
    expect(made.system).toEqual([{ text: 'A' }, { text: 'B' }, { text: 'C' }]);
    expect(made.messages).toEqual([
      { role: 'user', content: [{ text: '1' }, { text: '2' }, { text: '3' }] },
      { role: 'assistant', content: [{ text: 'So:' }] },
    ]);
  });

  it('begin with one of a user, if need be with a sentence that says so', () => {
    const opening = { role: 'user', content: [{ text: '(The conversation begins here.)' }] };
    expect(body([{ role: 'system', content: 'A' }]).messages).toEqual([opening]);
    const greeting = { role: 'assistant' as const, content: 'Hello!' };
    expect(body([greeting, user('Hi.')]).messages).toEqual([
      opening,
      { role: 'assistant', content: [{ text: 'Hello!' }] },
      { role: 'user', content: [{ text: 'Hi.' }] },
    ]);
  });

  it('have all results of tools in one, before what the user says', () => {
    const { messages } = body(
      [
        user('Go.'),
        { role: 'assistant', content: 'I go.', tool_calls: [call('a'), call('b', 'f', '')] },
        user('Well?'),
        { role: 'tool', tool_call_id: 'a', content: 'done' },
        {
          role: 'tool',
          tool_call_id: 'b',
          is_error: true,
          content: [
            { type: 'text', text: 'failed' },
            { type: 'image_url', image_url: { url: uri('image/png') } },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: '' },
      ],
      CLAUDE,
      { tools },
    );
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { text: 'I go.' },
          { toolUse: { toolUseId: 'a', name: 'f', input: { a: 1 } } },
          { toolUse: { toolUseId: 'b', name: 'f', input: {} } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: 'done' }] } },
          {
            toolResult: {
              toolUseId: 'b',
              content: [{ text: 'failed' }, { image: { format: 'png', source: { bytes: 'YQ==' } } }],
              status: 'error',
            },
          },
          { toolResult: { toolUseId: 'c', content: [{ text: '(no output)' }] } },
          { text: 'Well?' },
        ],
      },
    ]);
  });

  it('have ids that Bedrock takes, the same for call and result, and none twice', () => {
    const long = `call:${'x'.repeat(80)}`;
    const { messages } = body(
      [
        user('Go.'),
        { role: 'assistant', tool_calls: [call('functions.f:0'), call(long), call(`${long}y`)] },
        { role: 'tool', tool_call_id: 'functions.f:0', content: '1' },
        { role: 'tool', tool_call_id: long, content: '2' },
        { role: 'tool', tool_call_id: `${long}y`, content: '3' },
        { role: 'assistant', tool_calls: [call('functions.f:0')] },
        { role: 'tool', tool_call_id: 'functions.f:0', content: '4' },
      ],
      CLAUDE,
      { tools },
    );
    const all = messages.flatMap(({ content }) => content as { toolUse?: object; toolResult?: object }[]);
    const idsOf = (kind: 'toolUse' | 'toolResult') =>
      all.flatMap((block) => (block[kind] ? [(block[kind] as { toolUseId: string }).toolUseId] : []));
    const ids = idsOf('toolUse');
    expect(ids).toEqual(idsOf('toolResult'));
    expect(ids[0]).toBe('functions_f_0');
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it.each([{}, { tools, tool_choice: 'none' }])('have calls and results as text beside %j', (fields) => {
    const made = body(
      [
        user('Go.'),
        { role: 'assistant', content: null, tool_calls: [call('a')] },
        { role: 'tool', tool_call_id: 'a', content: 'done' },
        { role: 'tool', tool_call_id: 'x', is_error: true, content: 'lost' },
      ],
      CLAUDE,
      fields,
    );
    expect(made.toolConfig).toBeUndefined();
    expect(made.messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ text: 'f({"a":1})' }] },
      {
        role: 'user',
        content: [{ text: 'Result of f:' }, { text: 'done' }, { text: 'Error of a tool:' }, { text: 'lost' }],
      },
    ]);
  });

  it('give back reasoning that is signed or withheld, to Claude and whom nobody knows', () => {
    const answer = {
      role: 'assistant' as const,
      content: 'So.',
      thinking_blocks: [
        { type: 'thinking', thinking: 'Hm.', signature: 's' },
        { type: 'thinking', thinking: 'Not signed.' },
        { type: 'redacted_thinking', data: 'RXRrRUNr==' },
      ],
    };
    const redactedContent = Buffer.from('RXRrRUNr==').toString('base64');
    expect(body([user('?'), answer]).messages[1]?.content).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 's' } } },
      { reasoningContent: { redactedContent } },
      { text: 'So.' },
    ]);
    expect(body([user('?'), answer], NOVA).messages[1]?.content).toEqual([{ text: 'So.' }]);
    expect(body([user('?'), answer], ARN).messages[1]?.content).toHaveLength(3);
  });

  it('leave out a turn of reasoning alone', () => {
    const thinking_blocks = [{ type: 'thinking', thinking: 'Hm.', signature: 's' }];
    const made = body([user('a'), { role: 'assistant', content: '', thinking_blocks }, user('b')]);
    expect(made.messages).toEqual([{ role: 'user', content: [{ text: 'a' }, { text: 'b' }] }]);
  });

  it('refuse calls whose arguments are no object, by their place', () => {
    const bad = () => body([user('?'), { role: 'assistant', tool_calls: [call('a', 'f', '[1]')] }]);
    expect(bad).toThrow(expect.objectContaining({ param: 'messages[1].tool_calls[0].function.arguments' }));
  });
});

describe('cache points', () => {
  const mark = { type: 'ephemeral' };
  const long = { type: 'ephemeral', ttl: '1h' };
  const point = { cachePoint: { type: 'default' } };

  it('stand behind what is marked: parts, messages, results', () => {
    const messages = [
      { role: 'system' as const, content: [{ type: 'text', text: 'A', cache_control: long }] },
      { role: 'user' as const, content: 'B', cache_control: mark },
      { role: 'assistant' as const, tool_calls: [call('a')] },
      {
        role: 'tool' as const,
        tool_call_id: 'a',
        content: [{ type: 'text', text: 'C', cache_control: mark }],
      },
      user('D'),
    ];
    const made = body(messages, CLAUDE, { tools });
    expect(made.system).toEqual([{ text: 'A' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(made.messages[0]?.content).toEqual([{ text: 'B' }, point]);
    expect(made.messages[2]?.content).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: 'C' }] } },
      point,
      { text: 'D' },
    ]);
  });

  it('stand behind tools', () => {
    const marked = [{ ...tools[0], cache_control: mark }] as CompletionRequest['tools'];
    expect(body([user('a')], NOVA, { tools: marked }).toolConfig?.tools).toEqual([
      { toolSpec: { name: 'f', inputSchema: { json: { type: 'object', properties: {} } } } },
      point,
    ]);
  });

  it('are for models that have them, and those that are not known', () => {
    const content = [{ type: 'text', text: 'A', cache_control: mark }];
    expect(blocks(content, LLAMA)).toEqual([{ text: 'A' }]);
    expect(blocks(content, NOVA)).toEqual([{ text: 'A' }, point]);
    expect(blocks(content, ARN)).toEqual([{ text: 'A' }, point]);
  });
});
