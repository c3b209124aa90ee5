import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { mistralChat } from '../../src/providers/formats/mistral/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

type Messages = CompletionRequest['messages'];

function body(fields: Partial<CompletionRequest>, model = 'mistral-large-latest'): Record<string, unknown> {
  return encodeRequest(mistralChat, model, fields);
}

function messages(list: Messages, fields: Partial<CompletionRequest> = {}, model?: string): unknown[] {
  return body({ messages: list, ...fields }, model).messages as unknown[];
}

function call(id: string, args = '{}'): NonNullable<Messages[number]['tool_calls']>[number] {
  return { id, type: 'function', function: { name: 'f', arguments: args } };
}

const user = { role: 'user', content: 'hi' } as const;
const tool = { type: 'function', function: { name: 'f' } };
const encodedTool = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: {} } },
};

describe('a request to Mistral', () => {
  it('has Mistral’s names of fields, and none that Mistral does not know', () => {
    const hints = { user: 'u', safety_identifier: 's', prompt_cache_retention: '24h', store: true };
    const own = { safe_prompt: true, prompt_mode: 'reasoning', prompt_cache_key: 'k' };
    const sent = body({ seed: 7, max_completion_tokens: 9, stream_options: {}, ...hints, ...own });
    expect(sent).toEqual({
      model: 'mistral-large-latest',
      messages: [user],
      stream: true,
      random_seed: 7,
      max_tokens: 9,
      ...own,
    });
  });

  it.each([
    ['logprobs', true],
    ['logit_bias', { 1: 1 }],
    ['service_tier', 'flex'],
  ])('refuses %s', (param, value) => {
    expect(() => body({ [param]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
  });

  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'any'],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'function', function: { name: 'f' } },
    ],
    [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] }, 'any'],
  ])('says tool_choice %j as %j', (tool_choice, encoded) => {
    const sent = body({ tools: [tool, { type: 'function', function: { name: 'g' } }], tool_choice });
    expect(sent.tool_choice).toEqual(encoded);
    const restricted = typeof tool_choice === 'object' && tool_choice.type === 'allowed_tools';
    expect(sent.tools).toHaveLength(restricted ? 1 : 2);
    expect(sent).toMatchObject({ tools: expect.arrayContaining([encodedTool]) });
  });

  it('reads the legacy functions, and passes Mistral’s own tools on', () => {
    const legacy = body({ functions: [{ name: 'f' }], function_call: 'auto' });
    expect(legacy).toMatchObject({ tools: [encodedTool], tool_choice: 'auto' });
    expect(legacy).not.toHaveProperty('functions');
    expect(legacy).not.toHaveProperty('function_call');
    const search = { type: 'web_search', open_results: true };
    const searching = body({ tools: [search], tool_choice: 'required' });
    expect(searching).toMatchObject({ tools: [search], tool_choice: 'any' });
    expect(body({ tools: [tool, search] }).tools).toEqual([encodedTool, search]);
    expect(() => body({ tools: [{ type: 'custom' }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'tools[0].type' }),
    );
  });

  it('says predicted content as plain text', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(body({ prediction: { type: 'content', content } }).prediction).toEqual({
      type: 'content',
      content: 'ab',
    });
  });
});

describe('messages to Mistral', () => {
  it('have only the fields that Mistral knows', () => {
    const sent = messages([
      { role: 'developer', content: 'be brief', name: 'n' },
      { ...user, name: 'n' },
      { role: 'assistant', content: 'yes', refusal: null, annotations: [], reasoning_content: 'hm' },
      { ...user, content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
    ]);
    expect(sent).toEqual([
      { role: 'system', content: 'be brief' },
      user,
      { role: 'assistant', content: 'yes' },
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
    ]);
  });

  it('have ids of nine letters and digits, the same for a call and its result, and all different', () => {
    // The second id is what the first would become.
    const foreign = 'call_PTLP8xhu3uwZk4l3nlnrrJha';
    const [first] = messages([{ role: 'assistant', tool_calls: [call(foreign)] }]) as [
      { tool_calls: { id: string }[] },
    ];
    const taken = first.tool_calls[0]?.id ?? '';
    expect(taken).toMatch(/^[A-Za-z0-9]{9}$/);

    const sent = messages([
      { role: 'assistant', tool_calls: [call(foreign), call('EscTeQY62'), call('1'), call(taken)] },
      { role: 'tool', tool_call_id: '1', content: 'c' },
      { role: 'tool', tool_call_id: foreign, content: 'a' },
      { role: 'tool', tool_call_id: taken, content: 'd', name: 'f' },
    ]) as [{ tool_calls: { id: string }[] }, ...{ tool_call_id: string }[]];
    const [calls, ...results] = sent;
    const ids = calls.tool_calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(ids[1]).toBe('EscTeQY62');
    expect(ids[3]).toBe(taken);
    expect(results.map(({ tool_call_id }) => tool_call_id)).toEqual([ids[2], ids[0], ids[3]]);
    expect(results[2]).toMatchObject({ name: 'f' });
  });

  it('have an object for arguments where there are none', () => {
    expect(messages([{ role: 'assistant', tool_calls: [call('EscTeQY62', '')] }])).toEqual([
      { role: 'assistant', content: '', tool_calls: [call('EscTeQY62', '{}')] },
    ]);
  });

  it('mark a last turn of the assistant as a prefix, unless it calls tools', () => {
    const turn = { role: 'assistant', content: 'Once' } as const;
    expect(messages([user, turn])).toEqual([user, { ...turn, prefix: true }]);
    expect(messages([user, { ...turn, prefix: false }])).toEqual([user, { ...turn, prefix: false }]);
    expect(messages([turn, user])).toEqual([turn, user]);
    expect(messages([{ ...turn, tool_calls: [call('EscTeQY62')] }])[0]).not.toHaveProperty('prefix');
  });

  it('have no turn without anything, and say what the model refused', () => {
    const empty = { role: 'assistant', content: '', refusal: null } as const;
    const refused = { role: 'assistant', content: null, refusal: 'No.' } as const;
    expect(messages([user, empty, user])).toEqual([user, { role: 'assistant', content: ' ' }, user]);
    expect(messages([user, refused, user])).toEqual([
      user,
      { role: 'assistant', content: [{ type: 'text', text: 'No.' }] },
      user,
    ]);
    expect(messages([user, { ...empty, tool_calls: [call('abcdefghi')] }])).toMatchObject([
      user,
      { content: '' },
    ]);
  });

  it('have a turn of the assistant between a result and what follows it', () => {
    const result = { role: 'tool', tool_call_id: 'EscTeQY62', content: 'x' } as const;
    const asked = { role: 'assistant', content: '', tool_calls: [call('EscTeQY62')] } as const;
    const bridge = { role: 'assistant', content: ' ' };
    expect(messages([{ ...asked, tool_calls: [...asked.tool_calls] }, result, result, user])).toEqual([
      asked,
      result,
      result,
      bridge,
      user,
    ]);
    expect(messages([result, { role: 'assistant', content: 'a' }, user])).toHaveLength(3);
  });

  const thought = { role: 'assistant', content: 'yes', reasoning_content: 'hm' } as const;
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true };
  it.each([
    ['magistral-medium-latest', undefined, true],
    ['mistral-medium-3-5', 'high', true],
    ['mistral-medium-3-5', 'none', false],
    ['mistral-small-2506', undefined, false],
  ])('to %s with effort %s carry reasoning: %s', (model, reasoning_effort, carried) => {
    const content = carried ? [thinking, { type: 'text', text: 'yes' }] : 'yes';
    expect(messages([thought, user], { reasoning_effort }, model)[0]).toEqual({ role: 'assistant', content });
  });

  it('carry reasoning that clients kept in blocks, beside content in parts, and without content', () => {
    const blocks = [
      { type: 'thinking', thinking: 'h', signature: 's' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'thinking', thinking: 'm', signature: 's' },
    ];
    const parts = [{ type: 'text', text: 'yes' }];
    const sent = messages(
      [
        { role: 'assistant', content: parts, thinking_blocks: blocks },
        { role: 'assistant', content: null, reasoning: 'hm', tool_calls: [call('EscTeQY62')] },
      ],
      {},
      'magistral-small',
    );
    expect(sent).toMatchObject([{ content: [thinking, ...parts] }, { content: [thinking] }]);
  });

  it('carry images, sound, files and Mistral’s own parts', () => {
    const own = [
      { type: 'document_url', document_url: 'https://example.com/a.pdf' },
      { type: 'file', file_id: 'f' },
    ];
    const content = [
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image_url', image_url: 'data:image/png;base64,AA==' },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'g' } },
      ...own,
    ];
    expect(messages([{ role: 'user', content }])).toEqual([
      {
        role: 'user',
        content: [
          content[0],
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          { type: 'input_audio', input_audio: 'AA==' },
          {
            type: 'document_url',
            document_url: 'data:application/pdf;base64,AA==',
            document_name: 'a.pdf',
          },
          { type: 'file', file_id: 'g' },
          ...own,
        ],
      },
    ]);
  });

  it.each([
    [[{ role: 'user', content: [{ type: 'video' }] }], 'messages[0].content[0].type'],
    [
      [user, { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
      'messages[1].content[0].image_url.url',
    ],
    [[{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }], 'messages[0].tool_calls[0].type'],
  ])('are refused by their place: %j', (list, param) => {
    expect(() => messages(list as Messages)).toThrow(expect.objectContaining({ param }));
  });
});
