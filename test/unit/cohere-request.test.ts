import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { cohereChat } from '../../src/providers/formats/cohere/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

type Messages = CompletionRequest['messages'];

function body(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encodeRequest(cohereChat, 'command-a-03-2025', fields);
}

function messages(...list: Messages): unknown {
  return body({ messages: list }).messages;
}

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const tools = [
  { type: 'function', function: { name: 'f', description: 'd', parameters: SCHEMA } },
  { type: 'function', function: { name: 'g' } },
];

describe('a request to Cohere', () => {
  it('has Cohere’s names of fields, and its own fields as they came', () => {
    const own = { documents: ['a'], safety_mode: 'STRICT', citation_options: { mode: 'FAST' }, priority: 1 };
    const sent = body({ top_p: 0.5, top_k: 3, max_completion_tokens: 9, stop: 'x', seed: 7, ...own });
    expect(sent).toEqual({
      model: 'command-a-03-2025',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      p: 0.5,
      k: 3,
      max_tokens: 9,
      stop_sequences: ['x'],
      seed: 7,
      ...own,
    });
    expect(body({ p: 0.2, k: 1, user: 'u' })).toMatchObject({ p: 0.2, k: 1 });
  });

  it('keeps to the range of p, whose ends OpenAI’s go beyond', () => {
    expect(body({ top_p: 1 }).p).toBe(0.99);
    expect(body({ top_p: 0 }).p).toBe(0.01);
  });

  it.each([
    ['temperature', 1, 1.1],
    ['frequency_penalty', 1, -0.1],
    ['presence_penalty', 0.5, 1.5],
    ['seed', 0, -1],
  ])('takes a %s of %d, and refuses %d', (param, good, bad) => {
    expect(body({ [param]: good })).toHaveProperty(param, good);
    expect(() => body({ [param]: bad })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param }),
    );
    expect(body({ [param]: bad, drop_params: true })).not.toHaveProperty(param);
  });

  it.each([
    ['n', 2],
    ['parallel_tool_calls', false],
    ['logit_bias', { 1: 1 }],
    ['top_logprobs', 2],
  ])('refuses %s', (param, value) => {
    expect(() => body({ [param]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
  });

  it.each([
    ['auto', undefined],
    ['required', 'REQUIRED'],
    ['none', 'NONE'],
    [undefined, undefined],
  ])('says tool_choice %s as %s', (tool_choice, encoded) => {
    expect(body({ tools, tool_choice }).tool_choice).toBe(encoded);
    expect(body({ tool_choice })).not.toHaveProperty('tool_choice');
  });

  it('refuses to have a function named, and takes allowed_tools', () => {
    const named = { type: 'function', function: { name: 'f' } };
    expect(() => body({ tools, tool_choice: named })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'tool_choice' }),
    );
    expect(body({ tools, tool_choice: named, drop_params: true })).not.toHaveProperty('tool_choice');
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [named] };
    expect(body({ tools, tool_choice: allowed })).toMatchObject({
      tools: [{ function: { name: 'f' } }],
      tool_choice: 'REQUIRED',
    });
  });

  it('gives every function parameters, and is strict where all of them are', () => {
    expect(body({ tools }).tools).toEqual([
      tools[0],
      { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
    ]);
    const strict = { type: 'function', function: { name: 'f', strict: true } };
    expect(body({ tools: [strict] }).strict_tools).toBe(true);
    expect(body({ tools: [strict], strict_tools: false }).strict_tools).toBe(false);
    expect(body({ tools: [strict, ...tools] })).not.toHaveProperty('strict_tools');
  });

  it.each([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, { type: 'json_object' }],
    [
      { type: 'json_object', schema: SCHEMA },
      { type: 'json_object', json_schema: SCHEMA },
    ],
    [
      { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: SCHEMA } },
      { type: 'json_object', json_schema: SCHEMA },
    ],
  ])('says response_format %j as %j', (response_format, encoded) => {
    expect(body({ response_format }).response_format).toEqual(encoded);
  });

  it.each([{ type: 'grammar' }, { type: 'json_schema' }])('refuses response_format %j', (response_format) => {
    expect(() => body({ response_format })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'response_format' }),
    );
  });

  it.each([
    ['none', { type: 'disabled' }],
    ['low', { type: 'enabled', token_budget: 1024 }],
    ['medium', { type: 'enabled', token_budget: 4096 }],
    ['high', { type: 'enabled' }],
    ['default', undefined],
  ])('says effort %s as %j', (reasoning_effort, thinking) => {
    expect(body({ reasoning_effort }).thinking).toEqual(thinking);
    const own = { type: 'enabled', token_budget: 7 };
    expect(body({ reasoning_effort, thinking: own }).thinking).toEqual(own);
  });
});

describe('messages to Cohere', () => {
  const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }];

  it('are system, user, assistant and tool', () => {
    expect(
      messages(
        { role: 'developer', content: [{ type: 'text', text: 'be brief' }], name: 'n' },
        { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: {} }] },
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: 'c', content: '{"a":1}', name: 'f' },
        { role: 'assistant', content: 'yes', reasoning_content: 'hm', citations: [] },
      ),
    ).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '{"a":1}' },
      { role: 'assistant', content: 'yes' },
    ]);
  });

  it('have the reasoning before tool calls as their plan', () => {
    const turn = { role: 'assistant', content: 'Let me see.', reasoning_content: 'hm' } as const;
    expect(messages({ ...turn, tool_calls: calls })).toMatchObject([
      { content: 'Let me see.', tool_plan: 'hm', tool_calls: [{ id: 'c' }] },
    ]);
  });

  it('carry images, and documents that tools return', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'high' } };
    const document = { type: 'document', document: { id: 'd', data: '{"a":1}' } };
    const bytes = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
    expect(
      messages(
        { role: 'user', content: [image, bytes] },
        { role: 'tool', tool_call_id: 'c', content: [document, { type: 'text', text: 'x' }] },
      ),
    ).toEqual([
      { role: 'user', content: [image, bytes] },
      { role: 'tool', tool_call_id: 'c', content: [document, { type: 'text', text: 'x' }] },
    ]);
  });

  it('refuse what is neither, by its place', () => {
    const sound = { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } };
    const said = { role: 'user', content: [{ type: 'text', text: 'x' }, sound] } as const;
    const list: Messages = [{ ...said, content: [...said.content] }];
    expect(() => body({ messages: list })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'messages[0].content[1]' }),
    );
    expect(body({ messages: list, drop_params: true }).messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
    ]);
  });
});
