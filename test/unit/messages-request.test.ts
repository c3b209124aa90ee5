import { describe, expect, it } from 'vitest';
import { messagesSurface } from '../../src/api/surfaces/messages/surface.ts';
import { validate } from '../../src/api/validate.ts';
import type { RequestMessage } from '../../src/core/completion.ts';
import type { SluiceError } from '../../src/core/errors.ts';

const user = { role: 'user', content: 'hi' };

function read(fields: object) {
  const body = validate(messagesSurface.schema, { model: 'm', max_tokens: 5, messages: [user], ...fields });
  return messagesSurface.parse(body, null);
}

const request = (fields: object = {}) => read(fields).request;
const messagesOf = (...messages: object[]) => request({ messages }).messages as RequestMessage[];
const said = (...content: object[]) => messagesOf({ role: 'user', content })[0]?.content;
const answered = (...content: object[]) => messagesOf(user, { role: 'assistant', content })[1];

const mark = { type: 'ephemeral' };
const schema = { type: 'object', properties: {} };

describe('a request', () => {
  it('with what it must have', () => {
    expect(read({})).toEqual({
      request: { model: 'm', max_tokens: 5, messages: [user], anthropic: {} },
      stream: false,
      background: false,
      stored: false,
      keepsOn: false,
      metadata: null,
      echo: null,
    });
  });

  it.each([
    [{ stream: true }, { stream: true }],
    [{ stop_sequences: ['END'] }, { stop: ['END'] }],
    [
      { temperature: 0.5, top_p: 0.9, top_k: 40 },
      { temperature: 0.5, top_p: 0.9, top_k: 40 },
    ],
    [{ metadata: { user_id: 'u' } }, { user: 'u' }],
    [{ service_tier: 'standard_only' }, { service_tier: 'default' }],
    [{ service_tier: 'auto' }, { service_tier: 'auto' }],
    [{ system: 'Be brief.' }, { messages: [{ role: 'system', content: 'Be brief.' }, user] }],
    [{ system: '' }, { messages: [user] }],
    [
      { system: [{ type: 'text', text: 'Be brief.', cache_control: mark }] },
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: mark }] },
          user,
        ],
      },
    ],
    [{ tool_choice: { type: 'auto' } }, { tool_choice: 'auto' }],
    [
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
      { tool_choice: 'required', parallel_tool_calls: false },
    ],
    [{ tool_choice: { type: 'none' } }, { tool_choice: 'none' }],
    [
      { tool_choice: { type: 'tool', name: 'look' } },
      { tool_choice: { type: 'function', function: { name: 'look' } } },
    ],
    [
      {
        tools: [
          { name: 'look', description: 'Looks.', input_schema: schema, strict: true, cache_control: mark },
          { type: 'custom', name: 'see', input_schema: schema, defer_loading: true },
          { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
        ],
      },
      {
        tools: [
          {
            type: 'function',
            function: { name: 'look', description: 'Looks.', parameters: schema, strict: true },
            cache_control: mark,
          },
          {
            type: 'function',
            function: { name: 'see', parameters: schema },
            anthropic: { defer_loading: true },
          },
          { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
        ],
      },
    ],
    [
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      { anthropic: { thinking: { type: 'enabled', budget_tokens: 2000 } } },
    ],
    [
      { output_config: { effort: 'low', format: { type: 'json_schema', schema } } },
      {
        anthropic: { output_config: { effort: 'low' } },
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      },
    ],
    [
      { output_format: { type: 'json_schema', schema } },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } },
    ],
    [{ anthropic_beta: 'a,b' }, { anthropic: { anthropic_beta: 'a,b' } }],
    [{ cache_control: mark, container: 'c' }, { anthropic: { cache_control: mark, container: 'c' } }],
    [
      { mock_response: 'x', drop_params: true },
      { mock_response: 'x', drop_params: true },
    ],
  ])('%j becomes %j', (fields, canonical) => {
    expect(request(fields)).toMatchObject(canonical);
  });

  it.each([
    [{ max_tokens: undefined }, 'missing_required_parameter', 'max_tokens'],
    [{ max_tokens: 0 }, 'integer_below_min_value', 'max_tokens'],
    [{ messages: [] }, 'empty_array', 'messages'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'invalid_value', 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'missing_required_parameter', 'messages[0].content'],
    [{ messages: [{ ...user, name: 'x' }] }, 'unknown_parameter', 'messages[0].name'],
    [{ temperature: 1.5 }, 'decimal_above_max_value', 'temperature'],
    [{ stop: ['x'] }, 'unknown_parameter', 'stop'],
    [{ n: 2 }, 'unknown_parameter', 'n'],
    [
      { thinking: { type: 'enabled', budget_tokens: 5 } },
      'integer_below_min_value',
      'thinking.budget_tokens',
    ],
    [{ tools: [{ input_schema: {} }] }, 'missing_required_parameter', 'tools[0].name'],
    [{ tools: [{ name: 'x' }] }, 'missing_required_parameter', 'tools[0].input_schema'],
    [{ tools: [{ name: 'x', input_schema: 1 }] }, 'invalid_type', 'tools[0].input_schema'],
    [{ tool_choice: { type: 'tool' } }, 'missing_required_parameter', 'tool_choice.name'],
    [{ system: [{ type: 'image' }] }, 'invalid_value', 'system[0].type'],
  ])('%j is refused: %s of %s', (fields, code, param) => {
    expect(refusal(() => request(fields))).toMatchObject({ code, param });
  });
});

function refusal(attempt: () => unknown): SluiceError | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return error as SluiceError;
  }
}

describe('the schema of an answer', () => {
  const strictness = (given: object) => {
    const { response_format: format } = request({ output_format: { type: 'json_schema', schema: given } });
    return Object(format?.json_schema).strict;
  };
  const closed = { type: 'object', additionalProperties: false };
  const a = { type: 'string' };

  it.each([
    [{ ...closed, properties: { a }, required: ['a'] }, true],
    [{ type: 'string' }, true],
    [{ ...closed, properties: { a } }, undefined],
    [{ type: 'object', properties: { a }, required: ['a'] }, undefined],
    [{ ...closed, properties: { a: { ...closed, properties: { a } } }, required: ['a'] }, undefined],
    [{ type: 'array', items: { anyOf: [a, { ...closed, properties: { a } }] } }, undefined],
  ])('%j is strict at OpenAI: %s', (given, strict) => {
    expect(strictness(given)).toBe(strict);
  });
});

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
      { type: 'search_result', source: 's', title: 't', content: [] },
      { type: 'search_result', source: 's', title: 't', content: [] },
    ],
  ])('%j becomes %j', (block, part) => {
    expect(said(block)).toEqual([part]);
  });

  it.each([
    [{ type: 'audio' }, 'invalid_value', 'messages[0].content[0].type'],
    [{ type: 'text' }, 'missing_required_parameter', 'messages[0].content[0].text'],
    [{ type: 'text', text: 5 }, 'invalid_type', 'messages[0].content[0].text'],
    [{ type: 'image' }, 'invalid_value', 'messages[0].content[0].source'],
    [{ type: 'image', source: { type: 'ftp' } }, 'invalid_value', 'messages[0].content[0].source.type'],
    [
      { type: 'image', source: { type: 'base64', data: '' } },
      'missing_required_parameter',
      'messages[0].content[0].source.media_type',
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
