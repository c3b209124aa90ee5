import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

const MODEL = 'claude-sonnet-4-5-20250929';

function body(fields: Partial<CompletionRequest>, model = MODEL): Record<string, unknown> {
  return encodeRequest(anthropicFormat(), model, fields);
}

function turns(messages: CompletionRequest['messages']): unknown {
  return body({ messages }).messages;
}

const text = (words: string) => ({ type: 'text', text: words });
const user = (words: string) => ({ role: 'user' as const, content: words });
const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('Anthropic’s system', () => {
  it('is plain text where one says one thing', () => {
    expect(body({ messages: [{ role: 'developer', content: 'Be brief.' }, user('hi')] }).system).toBe(
      'Be brief.',
    );
  });

  it('is blocks where there are several, or marks, wherever they stood', () => {
    const mark = { type: 'ephemeral' };
    const messages: CompletionRequest['messages'] = [
      { role: 'system', content: [{ ...text('a'), cache_control: mark }, text(' ')] },
      user('hi'),
      { role: 'developer', content: 'b', cache_control: mark },
    ];
    const sent = body({ messages });
    expect(sent.system).toEqual([
      { ...text('a'), cache_control: mark },
      { ...text('b'), cache_control: mark },
    ]);
    expect(sent.messages).toEqual([{ role: 'user', content: [text('hi')] }]);
    expect(body({ messages: [{ role: 'system', content: '' }, user('hi')] })).not.toHaveProperty('system');
  });

  it('refuses anything but text', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a.example/a.png' } };
    const messages: CompletionRequest['messages'] = [{ role: 'system', content: [image] }, user('hi')];
    expect(() => body({ messages })).toThrow(expect.objectContaining({ param: 'messages[0].content' }));
  });
});

describe('Anthropic’s turns', () => {
  it('join messages of one side, and leave out what is blank', () => {
    const messages = [user('a'), user(''), { role: 'user' as const, content: [text(' \n'), text('b')] }];
    expect(turns([...messages, { role: 'assistant', content: null }, user('c')])).toEqual([
      { role: 'user', content: [text('a'), text('b'), text('c')] },
    ]);
  });

  it('have all results of one turn’s calls first, in one message', () => {
    const sent = turns([
      user('go'),
      { role: 'assistant', content: 'So:', tool_calls: [call('a', 'f', '{"x":1}'), call('b', 'g', '')] },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      user('by the way'),
      { role: 'tool', tool_call_id: 'b', content: '', is_error: true },
      user('go on'),
    ]);
    expect(sent).toEqual([
      { role: 'user', content: [text('go')] },
      {
        role: 'assistant',
        content: [
          text('So:'),
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [text('one')] },
          { type: 'tool_result', tool_use_id: 'b', is_error: true },
          text('by the way'),
          text('go on'),
        ],
      },
    ]);
  });

  it('carry images in results, and marks of the cache everywhere', () => {
    const mark = { type: 'ephemeral' };
    const image = { type: 'image_url', image_url: { url: 'data:image/jpg;base64,QUJD' } };
    const sent = turns([
      { ...user('go'), cache_control: mark },
      { role: 'assistant', tool_calls: [{ ...call('a', 'f', '{}'), cache_control: mark }] },
      { role: 'tool', tool_call_id: 'a', content: [text('see'), image], cache_control: mark },
    ]);
    const source = { type: 'base64', media_type: 'image/jpeg', data: 'QUJD' };
    expect(sent).toEqual([
      { role: 'user', content: [{ ...text('go'), cache_control: mark }] },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'a', name: 'f', input: {}, cache_control: mark }],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [text('see'), { type: 'image', source }],
            cache_control: mark,
          },
        ],
      },
    ]);
  });

  it('begin with the thinking and with what Anthropic’s own tools did, only where it is there', () => {
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } };
    const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
    const sent = turns([
      user('go'),
      {
        role: 'assistant',
        content: 'yes',
        reasoning_content: 'hm',
        thinking_blocks: [
          { type: 'thinking', thinking: '', signature: 'c2ln' },
          { type: 'thinking', thinking: 'of another', signature: '' },
          { type: 'redacted_thinking', data: 'ZGF0YQ==', extra: 1 },
        ],
        provider_specific_fields: { content_blocks: [search, found], stop_sequence: 'x' },
        tool_calls: [
          {
            ...call('a', 'f', '{}'),
            provider_specific_fields: { caller: { type: 'code_execution_20260120' } },
          },
        ],
      },
      { role: 'assistant', content: 'and' },
    ]);
    expect(sent).toEqual([
      { role: 'user', content: [text('go')] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'ZGF0YQ==' },
          search,
          found,
          text('yes'),
          { type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code_execution_20260120' } },
          text('and'),
        ],
      },
    ]);
  });

  it('have a call of Anthropic’s own that is still to be answered where the turn stopped', () => {
    const blocks = ['server_tool_use', 'mcp_tool_use'].map((type, id) => ({ type, id: `open_${id}` }));
    const sent = turns([
      user('go'),
      {
        role: 'assistant',
        content: 'I look it up.',
        provider_specific_fields: { content_blocks: blocks },
        tool_calls: [call('a', 'f', '{}')],
      },
    ]);
    expect(sent).toMatchObject([
      {},
      { content: [text('I look it up.'), ...blocks, { type: 'tool_use', id: 'a' }] },
    ]);
  });

  it('have thinking in its place among what Anthropic’s own tools did, but not at the end', () => {
    const thinking_blocks = ['s', 't'].map((signature) => ({ type: 'thinking', thinking: 'hm', signature }));
    const [before, after] = thinking_blocks;
    const own = [before, { type: 'server_tool_use', id: 'x' }, { type: 'x_result', tool_use_id: 'x' }, after];
    const answer = { role: 'assistant' as const, thinking_blocks };
    const specific = { provider_specific_fields: { content_blocks: own } };
    expect(turns([user('a'), { ...answer, ...specific, content: 'So.' }, user('b')])).toMatchObject([
      {},
      { content: [...own, text('So.')] },
      {},
    ]);
    expect(turns([user('a'), { ...answer, ...specific, content: '' }, user('b')])).toMatchObject([
      {},
      { content: own.slice(0, -1) },
      {},
    ]);
  });

  it('are left out where there is nothing in them but thinking', () => {
    const thinking_blocks = [{ type: 'thinking', thinking: 'hm', signature: 'c2ln' }];
    expect(turns([user('a'), { role: 'assistant', content: '', thinking_blocks }, user('b')])).toEqual([
      { role: 'user', content: [text('a'), text('b')] },
    ]);
  });

  it('have ids that Anthropic takes, each once', () => {
    const sent = turns([
      user('go'),
      { role: 'assistant', tool_calls: [call('functions.add:0', 'f', '{}')] },
      { role: 'tool', tool_call_id: 'functions.add:0', content: 'a' },
      { role: 'assistant', function_call: { name: 'g', arguments: '{}' } },
      { role: 'function', name: 'g', content: 'b' },
      { role: 'assistant', function_call: { name: 'g', arguments: '{}' } },
      { role: 'function', name: 'g', content: 'c' },
    ]) as { content: { id?: string; tool_use_id?: string }[] }[];
    const ids = sent.flatMap(({ content }) => content.map(({ id, tool_use_id }) => id ?? tool_use_id));
    expect(ids).toEqual([undefined, 'functions_add_0', 'functions_add_0', 'g', 'g', 'g_2', 'g_2']);
  });

  it('do not end an answer’s beginning in white space', () => {
    expect(turns([user('go'), { role: 'assistant', content: 'It is ' }])).toMatchObject([
      {},
      { content: [text('It is')] },
    ]);
  });

  it('name the place of arguments that are not JSON', () => {
    const messages: CompletionRequest['messages'] = [
      user('go'),
      { role: 'assistant', tool_calls: [call('a', 'f', '[1')] },
    ];
    const param = 'messages[1].tool_calls[0].function.arguments';
    expect(() => turns(messages)).toThrow(expect.objectContaining({ code: 'invalid_value', param }));
  });
});
