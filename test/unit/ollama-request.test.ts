import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { ollamaChat } from '../../src/providers/formats/ollama/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

type Messages = CompletionRequest['messages'];

function body(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encodeRequest(ollamaChat, 'llama3.2', fields);
}

function messages(...list: Messages): unknown {
  return body({ messages: list }).messages;
}

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'f', description: 'd', parameters: SCHEMA } }];

describe('a request to Ollama', () => {
  it('has what shapes the answer among its options', () => {
    const fields = { temperature: 0, top_p: 0.5, seed: 7, frequency_penalty: 1, presence_penalty: -1 };
    expect(body({ ...fields, max_tokens: 9, stop: 'x', user: 'u' })).toEqual({
      model: 'llama3.2',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      options: { ...fields, num_predict: 9, stop: ['x'] },
    });
  });

  it('has further options among them, and all else beside them', () => {
    const sent = body({ num_ctx: 8192, top_k: 3, keep_alive: '5m', truncate: false, temperature: 1 });
    expect(sent.options).toEqual({ num_ctx: 8192, top_k: 3, temperature: 1 });
    expect(sent).toMatchObject({ keep_alive: '5m', truncate: false });
    expect(body({ options: { num_ctx: 1, temperature: 0 }, temperature: 1, num_ctx: 2 }).options).toEqual({
      num_ctx: 1,
      temperature: 0,
    });
  });

  it.each([
    ['n', 2],
    ['logit_bias', { 1: 1 }],
    ['parallel_tool_calls', false],
  ])('refuses %s', (param, value) => {
    expect(() => body({ [param]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
  });

  it('asks for log probabilities', () => {
    expect(body({ logprobs: true, top_logprobs: 2 })).toMatchObject({ logprobs: true, top_logprobs: 2 });
    expect(body({ top_logprobs: 2 })).toMatchObject({ logprobs: true, top_logprobs: 2 });
    expect(body({ logprobs: false })).not.toHaveProperty('logprobs');
  });

  it('has tools, unless none may be called, and refuses to force a call', () => {
    expect(body({ tools, tool_choice: 'auto' })).toMatchObject({ tools });
    expect(body({ tools })).not.toHaveProperty('tool_choice');
    expect(body({ tools, tool_choice: 'none' })).not.toHaveProperty('tools');
    const bare = { name: 'f', description: '', parameters: { type: 'object', properties: {} } };
    expect(body({ functions: [{ name: 'f' }] }).tools).toEqual([{ type: 'function', function: bare }]);
    for (const tool_choice of ['required', { type: 'function', function: { name: 'f' } }]) {
      expect(() => body({ tools, tool_choice })).toThrow(
        expect.objectContaining({ code: 'unsupported_value', param: 'tool_choice' }),
      );
      expect(body({ tools, tool_choice, drop_params: true })).toMatchObject({ tools });
    }
  });

  it.each([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, 'json'],
    [{ type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } }, SCHEMA],
  ])('says response_format %j as %j', (response_format, format) => {
    expect(body({ response_format }).format).toEqual(format);
  });

  it.each([
    ['none', false],
    ['minimal', 'low'],
    ['low', 'low'],
    ['medium', 'medium'],
    ['high', 'high'],
    ['xhigh', 'max'],
    ['default', undefined],
  ])('says effort %s as %s', (reasoning_effort, think) => {
    expect(body({ reasoning_effort }).think).toBe(think);
    expect(body({ reasoning_effort, think: true }).think).toBe(true);
  });
});

describe('messages to Ollama', () => {
  it('are plain text, with thinking, and calls whose arguments are objects', () => {
    const calls = [
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
    ];
    expect(
      messages(
        { role: 'developer', content: [{ type: 'text', text: 'be brief' }] },
        { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: calls },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '2' }] },
        { role: 'tool', tool_call_id: 'a', content: '1', name: 'own' },
        { role: 'tool', tool_call_id: 'unknown', content: '3' },
      ),
    ).toEqual([
      { role: 'system', content: 'be brief' },
      {
        role: 'assistant',
        content: '',
        thinking: 'hm',
        tool_calls: [
          { id: 'a', function: { name: 'f', arguments: { x: 1 } } },
          { id: 'b', function: { name: 'g', arguments: {} } },
        ],
      },
      { role: 'tool', content: '2', tool_name: 'g', tool_call_id: 'b' },
      { role: 'tool', content: '1', tool_name: 'own', tool_call_id: 'a' },
      { role: 'tool', content: '3', tool_call_id: 'unknown' },
    ]);
  });

  it('have the bytes of images and sound beside the text', () => {
    expect(ollamaChat.media).toBe('bytes');
    const content = [
      { type: 'text', text: 'What is ' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
      { type: 'text', text: 'this?' },
      { type: 'input_audio', input_audio: { data: 'BB==', format: 'wav' } },
    ];
    expect(messages({ role: 'user', content })).toEqual([
      { role: 'user', content: 'What is this?', images: ['AA==', 'BB=='] },
    ]);
  });

  it.each([
    ['invalid_value', { type: 'image_url', image_url: { url: 'gs://bucket/a.png' } }, '.image_url.url'],
    ['unsupported_value', { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==' } }, ''],
  ])('are refused with %s by the place of %j', (code, part, place) => {
    expect(() => messages({ role: 'user', content: [part] })).toThrow(
      expect.objectContaining({ code, param: `messages[0].content[0]${place}` }),
    );
  });

  it('are refused where arguments are no object', () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '[1' } }];
    expect(() => messages({ role: 'assistant', tool_calls: calls })).toThrow(
      expect.objectContaining({
        code: 'invalid_value',
        param: 'messages[0].tool_calls[0].function.arguments',
      }),
    );
  });
});
