import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { responsesFormat } from '../../src/providers/formats/openai-responses/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment, userRequest } from '../support/provider-calls.ts';

const format = responsesFormat();

function encode(request: CompletionRequest, with_ = format): Record<string, unknown> {
  const call = { deployment: deployment(), model: 'gpt-5-pro' };
  return { ...with_.encode(new PreparedRequest(request, call, with_.supports, with_.ownTools)) };
}

function bodyOf(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encode(userRequest('hi', fields));
}

/** The input and the instructions of a conversation. */
function inputOf(...messages: unknown[]): { instructions?: unknown; input?: unknown } {
  const { instructions, input } = encode({ model: 'm', messages } as CompletionRequest);
  return { input, ...(instructions !== undefined && { instructions }) };
}

const HI = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] };

describe('a request for a response', () => {
  it('is streamed, stores nothing, and asks for its reasoning encrypted', () => {
    expect(bodyOf({ stream: false, mock_response: 'x', drop_params: false })).toEqual({
      model: 'gpt-5-pro',
      input: [HI],
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });

  it('asks a model that never reasons for no reasoning', () => {
    const body = encode(userRequest('hi'), responsesFormat({ reasons: false }));
    expect(body).not.toHaveProperty('include');
  });

  it('has OpenAI’s other names for fields', () => {
    const asked = {
      max_tokens: 20,
      temperature: 0,
      top_p: 0.5,
      verbosity: 'low',
      reasoning_effort: 'minimal',
      service_tier: 'flex',
      parallel_tool_calls: false,
      logprobs: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    };
    expect(bodyOf(asked)).toMatchObject({
      max_output_tokens: 20,
      temperature: 0,
      top_p: 0.5,
      text: { verbosity: 'low' },
      reasoning: { effort: 'minimal', summary: 'auto' },
      service_tier: 'flex',
      parallel_tool_calls: false,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      stream_options: { include_obfuscation: false },
    });
    expect(bodyOf(asked)).not.toHaveProperty('top_logprobs');
    expect(bodyOf({ max_completion_tokens: 30 })).toMatchObject({ max_output_tokens: 30 });
    expect(bodyOf({ stream_options: { include_usage: true } })).not.toHaveProperty('stream_options');
    expect(bodyOf({ top_logprobs: 3 })).toMatchObject({ top_logprobs: 3 });
    expect(bodyOf({ reasoning_effort: 'none' }).reasoning).toEqual({ effort: 'none' });
    expect(bodyOf({ reasoning_effort: 'default' })).not.toHaveProperty('reasoning');
  });

  it('has metadata only where it is stored, and hints always', () => {
    const hints = { user: 'u', safety_identifier: 's', prompt_cache_key: 'k', metadata: { a: 'b' } };
    const { metadata: _, ...others } = hints;
    const body = bodyOf(hints);
    expect(body).toMatchObject({ ...others, store: false });
    expect(body).not.toHaveProperty('metadata');
    expect(bodyOf({ ...hints, store: true })).toMatchObject({ ...hints, store: true });
  });

  it.each([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, { format: { type: 'json_object' } }],
    [
      {
        type: 'json_schema',
        json_schema: { name: 'n', description: 'd', strict: true, schema: { type: 'object' } },
      },
      {
        format: {
          type: 'json_schema',
          name: 'n',
          description: 'd',
          strict: true,
          schema: { type: 'object' },
        },
      },
    ],
    [
      { type: 'json_schema', json_schema: { schema: {} } },
      { format: { type: 'json_schema', name: 'answer', schema: {} } },
    ],
  ])('writes response_format %j flat', (response_format, text) => {
    expect(bodyOf({ response_format }).text).toEqual(text);
  });

  it('passes on what only this API has, beside what it sets itself', () => {
    const own = {
      reasoning_effort: 'high',
      verbosity: 'high',
      reasoning: { summary: null },
      text: { format: { type: 'json_object' } },
      include: ['web_search_call.action.sources', 'reasoning.encrypted_content'],
      truncation: 'auto',
      max_tool_calls: 3,
    };
    expect(bodyOf(own as object)).toMatchObject({
      reasoning: { effort: 'high', summary: null },
      text: { format: { type: 'json_object' }, verbosity: 'high' },
      include: ['reasoning.encrypted_content', 'web_search_call.action.sources'],
      truncation: 'auto',
      max_tool_calls: 3,
    });
  });

  it.each([
    'n',
    'stop',
    'seed',
    'presence_penalty',
    'frequency_penalty',
    'logit_bias',
    'prediction',
    'audio',
  ])('refuses %s', (field) => {
    const value = field === 'logit_bias' ? { 1: 1 } : field === 'stop' ? ['a'] : 2;
    const refusal = expect.objectContaining({ code: 'unsupported_parameter', param: field });
    expect(() => bodyOf({ [field]: value })).toThrow(refusal);
    expect(bodyOf({ [field]: value, drop_params: true })).not.toHaveProperty(field);
  });
});

describe('a conversation', () => {
  it('has what leads it as instructions, and later ones as developer messages', () => {
    const said = inputOf(
      { role: 'system', content: 'A' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'B' },
          { type: 'text', text: 'C' },
        ],
      },
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'D' },
    );
    const later = { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'D' }] };
    expect(said).toEqual({ instructions: 'A\n\nBC', input: [HI, later] });
  });

  it('is never empty', () => {
    const only = { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'A' }] };
    expect(inputOf({ role: 'system', content: 'A' })).toEqual({ input: [only] });
    const empty = { type: 'message', role: 'user', content: '' };
    expect(inputOf({ role: 'user', content: '' })).toEqual({ input: [empty] });
  });

  it('has images and files as they are named', () => {
    const { input } = inputOf({
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'https://a.test/b.png' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'high' } },
        { type: 'file', file: { file_id: 'file-1' } },
        { type: 'file', file: { file_id: 'https://a.test/b.pdf' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'b.pdf' } },
      ],
    });
    const file_data = 'data:application/pdf;base64,AAAA';
    expect(input).toMatchObject([
      {
        content: [
          { type: 'input_image', image_url: 'https://a.test/b.png', detail: 'auto' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'high' },
          { type: 'input_file', file_id: 'file-1' },
          { type: 'input_file', file_url: 'https://a.test/b.pdf' },
          { type: 'input_file', filename: 'file.pdf', file_data },
          { type: 'input_file', filename: 'b.pdf', file_data },
        ],
      },
    ]);
  });

  it('refuses what has no place in it, by name', () => {
    const audio = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } };
    const image = { type: 'image_url', image_url: { url: 'https://a.test/b.png' } };
    const at = (param: string) => expect.objectContaining({ code: 'unsupported_value', param });
    expect(() => inputOf({ role: 'user', content: [audio] })).toThrow(at('messages[0].content[0]'));
    const hi = { role: 'user', content: 'hi' };
    expect(() => inputOf(hi, { role: 'assistant', content: [image] })).toThrow(at('messages[1].content[0]'));
    const custom = { id: 'c', type: 'custom', custom: { name: 'a', input: 'b' } };
    const calling = { role: 'assistant', tool_calls: [custom] };
    expect(() => inputOf(hi, calling)).toThrow(at('messages[1].tool_calls[0].type'));
    const nowhere = { type: 'image_url', image_url: { url: 'nowhere' } };
    expect(() => inputOf({ role: 'user', content: [nowhere] })).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'messages[0].content[0].image_url.url' }),
    );
  });

  it('has refusals as such', () => {
    const { input } = inputOf(
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] },
      { role: 'assistant', content: null },
    );
    expect(input).toEqual([
      HI,
      { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] },
    ]);
  });

  it('answers calls by their ids, with text or with parts', () => {
    const { input } = inputOf(
      { role: 'user', content: 'hi' },
      { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: '' } }] },
      {
        role: 'tool',
        tool_call_id: 'c1',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: null, function_call: { name: 'old', arguments: '{"a":1}' } },
      { role: 'function', name: 'old', content: [{ type: 'image_url', image_url: 'https://a.test/b.png' }] },
    );
    expect(input).toEqual([
      HI,
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'ab' },
      { type: 'function_call', call_id: 'old', name: 'old', arguments: '{"a":1}' },
      {
        type: 'function_call_output',
        call_id: 'old',
        output: [{ type: 'input_image', image_url: 'https://a.test/b.png', detail: 'auto' }],
      },
    ]);
  });

  it('has the reasoning of earlier turns before what it led to, and the phase of what was said', () => {
    const kept = { type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA', summary: [] };
    const specific = {
      phase: 'commentary',
      reasoning_items: [
        { ...kept, status: 'completed', added: true },
        { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: null },
        { type: 'reasoning', id: 'rs_3', summary: [], encrypted_content: '' },
        { type: 'message', encrypted_content: 'x' },
        null,
      ],
    };
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const { input } = inputOf(
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'So.', tool_calls: [call], provider_specific_fields: specific },
      { role: 'assistant', content: '', provider_specific_fields: specific },
    );
    expect(input).toEqual([
      HI,
      kept,
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'So.' }],
        phase: 'commentary',
      },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
    ]);
  });
});
