import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { j2Complete } from '../../src/providers/formats/ai21-j2/format.ts';
import { jambaChat } from '../../src/providers/formats/ai21-jamba/format.ts';
import { encodeRequest } from '../support/encode-request.ts';
import { collect, deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { sharedProviders } from '../support/shared-providers.ts';

function jamba(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encodeRequest(jambaChat, 'jamba-large', fields);
}

function j2(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encodeRequest(j2Complete, 'j2-ultra', fields);
}

const SCHEMA = { type: 'object', properties: {} };
const tools = [{ type: 'function', function: { name: 'f', strict: true, parameters: SCHEMA } }];
const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };

describe('the address of an AI21 model', () => {
  const shared = sharedProviders();

  it.each([
    ['jamba-mini', '/studio/v1/chat/completions'],
    ['j2-light', '/studio/v1/j2-light/complete'],
    ['j2-mid/../x', '/studio/v1/j2-mid%2F..%2Fx/complete'],
  ])('%s is %s', async (model, path) => {
    const place = deployment({ provider: 'ai21', apiBase: `${shared.upstream.url}/studio/v1` });
    shared.upstream.script({ status: 500, steps: [] });
    await collect(
      shared.provider('ai21').stream(userRequest('hi'), providerCall({ model, deployment: place })),
    );
    const { path: called, headers } = shared.upstream.exchanges.at(-1) ?? {};
    expect(called).toBe(path);
    expect(headers?.authorization).toBe('Bearer sk-test');
  });
});

describe('a request to Jamba', () => {
  it('is OpenAI’s, of text, with what Jamba has of it', () => {
    const fields = { temperature: 1, top_p: 0.5, stop: ['x'], n: 2, documents: [{ content: 'd' }] };
    expect(jamba({ ...fields, max_completion_tokens: 9, user: 'u' })).toEqual({
      model: 'jamba-large',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      max_tokens: 9,
      ...fields,
    });
  });

  it('has messages of text', () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }];
    const messages: CompletionRequest['messages'] = [
      { role: 'developer', content: [{ type: 'text', text: 'be brief' }], name: 'n' },
      { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: calls },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: '1' }] },
      { role: 'user', content: [{ type: 'text', text: 'a' }, image] },
    ];
    expect(() => jamba({ messages })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'messages[3].content[1]' }),
    );
    expect(jamba({ messages, drop_params: true }).messages).toEqual([
      { role: 'system', content: 'be brief' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'user', content: 'a' },
    ]);
  });

  it('leaves the choice of tools to the model', () => {
    const sent = jamba({ tools, tool_choice: 'auto' });
    expect(sent.tools).toEqual([{ type: 'function', function: { name: 'f', parameters: SCHEMA } }]);
    expect(sent).not.toHaveProperty('tool_choice');
    expect(jamba({ tools, tool_choice: 'none' })).not.toHaveProperty('tools');
    expect(() => jamba({ tools, tool_choice: 'required' })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'tool_choice' }),
    );
  });

  it('takes JSON, but no schema', () => {
    expect(jamba({ response_format: { type: 'json_object' } })).toMatchObject({
      response_format: { type: 'json_object' },
    });
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } };
    expect(() => jamba({ response_format })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'response_format' }),
    );
    expect(jamba({ response_format, drop_params: true })).not.toHaveProperty('response_format');
  });

  it.each(['seed', 'frequency_penalty', 'top_logprobs'])('refuses %s', (param) => {
    expect(() => jamba({ [param]: 1 })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
  });
});

describe('a request to Jurassic-2', () => {
  it('is a text to complete, with Jurassic’s names of fields', () => {
    const fields = { temperature: 0.7, top_p: 0.5, n: 2, frequency_penalty: 0.5, presence_penalty: 1 };
    expect(j2({ ...fields, max_tokens: 9, stop: 'x', minTokens: 2, user: 'u' })).toEqual({
      prompt: 'hi',
      temperature: 0.7,
      topP: 0.5,
      numResults: 2,
      maxTokens: 9,
      stopSequences: ['x'],
      frequencyPenalty: { scale: 0.5 },
      presencePenalty: { scale: 1 },
      minTokens: 2,
    });
  });

  it('has a conversation as a dialogue', () => {
    const messages: CompletionRequest['messages'] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: [{ type: 'text', text: 'c' }] },
    ];
    expect(j2({ messages }).prompt).toBe('User: a\n\nAssistant: b\n\nUser: c\n\nAssistant:');
  });

  it('refuses what it has no place for', () => {
    expect(() => j2({ presence_penalty: -1 })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'presence_penalty' }),
    );
    expect(j2({ presence_penalty: -1, drop_params: true })).not.toHaveProperty('presencePenalty');
    expect(() => j2({ tools })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'tools' }),
    );
    expect(() => j2({ messages: [{ role: 'user', content: [image] }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'messages[0].content[0]' }),
    );
  });
});
