import { describe, expect, it } from 'vitest';
import { refusal, request, user } from '../support/messages-request.ts';

const messagesOf = (...messages: object[]) => request({ messages }).messages;
const said = (...content: object[]) => messagesOf({ role: 'user', content })[0]?.content;
const answered = (...content: object[]) => messagesOf(user, { role: 'assistant', content })[1];

const mark = { type: 'ephemeral' };

describe('what the user says', () => {
  it.each([
    [
      { type: 'text', text: 'a', cache_control: mark },
      { type: 'text', text: 'a', cache_control: mark },
    ],
    [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
    ],
    [
      { type: 'image', source: { type: 'url', url: 'https://x/y.png' }, cache_control: mark },
      { type: 'image_url', image_url: { url: 'https://x/y.png' }, cache_control: mark },
    ],
    [
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    ],
    [
      {
        type: 'document',
        title: 'T',
        source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' },
      },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,aGk=', filename: 'T' } },
    ],
    [
      { type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
      { type: 'file', file: { file_id: 'https://x/y.pdf' } },
    ],
    [
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
      { type: 'file', file: { file_id: 'file_1' } },
    ],
    [
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
      { type: 'text', text: 'hi' },
    ],
    [
      { type: 'document', title: 'T', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
      { type: 'file', file: { file_data: 'data:text/plain;base64,aGk=', filename: 'T' } },
    ],
    [
      { type: 'document', source: { type: 'text', data: 'hi' }, citations: { enabled: true } },
      { type: 'document', source: { type: 'text', data: 'hi' }, citations: { enabled: true } },
    ],
    [
      { type: 'tool_reference', tool_name: 'f' },
      { type: 'tool_reference', tool_name: 'f' },
    ],
    [
      { type: 'search_result', source: 's', title: 't', content: [] },
      { type: 'search_result', source: 's', title: 't', content: [] },
    ],
  ])('%j becomes %j', (block, part) => {
    expect(said(block)).toEqual([part]);
  });

  it.each([
    [{ type: 'audio' }, 'invalid_value', 'messages[0].content[0].type'],
    [{ type: 'toString', text: 'x' }, 'invalid_value', 'messages[0].content[0].type'],
    [{ type: 'text' }, 'missing_required_parameter', 'messages[0].content[0].text'],
    [{ type: 'text', text: 5 }, 'invalid_type', 'messages[0].content[0].text'],
    [{ type: 'image' }, 'invalid_value', 'messages[0].content[0].source'],
    [{ type: 'image', source: { type: 'ftp' } }, 'invalid_value', 'messages[0].content[0].source.type'],
    [
      { type: 'image', source: { type: 'base64', data: '' } },
      'missing_required_parameter',
      'messages[0].content[0].source.media_type',
    ],
    [{ type: 'text', text: 'x', bold: true }, 'unknown_parameter', 'messages[0].content[0].bold'],
    [
      { type: 'tool_result', tool_use_id: 'a', toolset_name: 'b' },
      'unknown_parameter',
      'messages[0].content[0].toolset_name',
    ],
    [
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'x', bold: true }] },
      'unknown_parameter',
      'messages[0].content[0].content[0].bold',
    ],
    [{ type: 'tool_result' }, 'missing_required_parameter', 'messages[0].content[0].tool_use_id'],
    [{ type: 'tool_result', tool_use_id: 'a', content: 5 }, 'invalid_type', 'messages[0].content[0].content'],
    [
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'audio' }] },
      'invalid_value',
      'messages[0].content[0].content[0].type',
    ],
  ])('%j is refused: %s of %s', (block, code, param) => {
    expect(refusal(() => said(block))).toMatchObject({ code, param });
  });

  it('after the results of tools', () => {
    const content = [
      { type: 'text', text: 'Well?' },
      { type: 'tool_result', tool_use_id: 'a', content: 'one', is_error: true },
      {
        type: 'tool_result',
        tool_use_id: 'b',
        content: [{ type: 'text', text: 'two' }],
        cache_control: mark,
      },
      { type: 'tool_result', tool_use_id: 'c' },
    ];
    expect(messagesOf({ role: 'user', content })).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'one', is_error: true },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'two' }], cache_control: mark },
      { role: 'tool', tool_call_id: 'c', content: '' },
      { role: 'user', content: [{ type: 'text', text: 'Well?' }] },
    ]);
  });
});

describe('what the assistant said', () => {
  const thinking = { type: 'thinking', thinking: 'hm', signature: 's' };
  const server = { type: 'server_tool_use', id: 'srv', name: 'web_search', input: {} };
  const result = { type: 'web_search_tool_result', tool_use_id: 'srv', content: [] };

  it('is text, thinking that goes back as it came, and calls', () => {
    const call = { type: 'tool_use', id: 'a', name: 'look', input: { at: 'x' }, cache_control: mark };
    const redacted = { type: 'redacted_thinking', data: 'x' };
    expect(answered(thinking, redacted, { type: 'text', text: 'I look.', citations: null }, call)).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'I look.' }],
      thinking_blocks: [thinking, redacted],
      reasoning_content: 'hm',
      tool_calls: [
        {
          id: 'a',
          type: 'function',
          function: { name: 'look', arguments: '{"at":"x"}' },
          cache_control: mark,
        },
      ],
    });
  });

  it.each([
    ['blocks of Anthropic’s own', [thinking, server, result], [server, result]],
    ['these with thinking among them', [server, thinking, result], [server, thinking, result]],
  ])('is %s', (_, blocks, kept) => {
    expect(answered(...blocks)).toMatchObject({ provider_specific_fields: { content_blocks: kept } });
  });

  it('is what its provider wants back with a call', () => {
    const called = { type: 'tool_use', id: 'a', name: 'look', input: {} };
    const specific = { thought_signature: 't' };
    expect(answered({ ...called, caller: { type: 'c' }, provider_specific_fields: specific })).toMatchObject({
      tool_calls: [{ provider_specific_fields: { caller: { type: 'c' }, thought_signature: 't' } }],
    });
    expect(answered({ ...called, caller: { type: 'direct' } })?.tool_calls?.[0]).toEqual({
      id: 'a',
      type: 'function',
      function: { name: 'look', arguments: '{}' },
    });
  });
});
