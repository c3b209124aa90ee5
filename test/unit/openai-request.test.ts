import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment, userRequest } from '../support/provider-calls.ts';

function upstreamBody(request: CompletionRequest, place: Deployment, model: string): Record<string, unknown> {
  const format = chatFormat();
  const prepared = new PreparedRequest(request, { deployment: place, model }, format.supports);
  return { ...format.encode(prepared) };
}

describe('the request that goes upstream', () => {
  it('is the client’s, with the model replaced, streamed, and asking for usage', () => {
    const request = userRequest('hi', { temperature: 0.5, unknown_field: { a: 1 }, stream: false });
    expect(upstreamBody(request, deployment(), 'gpt-real')).toEqual({
      model: 'gpt-real',
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 0.5,
      unknown_field: { a: 1 },
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('keeps other stream options', () => {
    const request = userRequest('hi', {
      stream_options: { include_usage: false, include_obfuscation: false },
    });
    expect(upstreamBody(request, deployment(), 'm').stream_options).toEqual({
      include_usage: true,
      include_obfuscation: false,
    });
  });

  it('takes the deployment’s parameters where the client set none', () => {
    const params = { temperature: 0.1, top_p: 0.2, max_tokens: 5 };
    const body = upstreamBody(
      userRequest('hi', { temperature: 0, top_p: null }),
      deployment({ params }),
      'm',
    );
    expect(body).toMatchObject({ temperature: 0, top_p: 0.2, max_tokens: 5 });
    const capped = upstreamBody(userRequest('hi', { max_completion_tokens: 9 }), deployment({ params }), 'm');
    expect(capped).not.toHaveProperty('max_tokens');
  });

  it('leaves out what is meant for Sluice', () => {
    const extra = { mock_response: 'x', store: false, metadata: { a: 'b' } };
    const body = upstreamBody(userRequest('hi', extra), deployment(), 'm');
    expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);
    const stored = upstreamBody(userRequest('hi', { ...extra, store: true }), deployment(), 'm');
    expect(stored).toMatchObject({ store: true, metadata: { a: 'b' } });
  });

  it('leaves reasoning_effort out where it is left to the model', () => {
    const body = (reasoning_effort: string) =>
      upstreamBody(userRequest('hi', { reasoning_effort }), deployment(), 'm');
    expect(body('default')).not.toHaveProperty('reasoning_effort');
    expect(body('low')).toMatchObject({ reasoning_effort: 'low' });
  });

  it('has no custom tools, whose calls no answer could tell', () => {
    const tool = { type: 'function', function: { name: 'f' } };
    const custom = { type: 'custom', custom: { name: 'sql' } };
    const body = (fields: Partial<CompletionRequest>) =>
      upstreamBody(userRequest('hi', fields), deployment(), 'm');
    expect(() => body({ tools: [tool, custom] })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'tools[1].type' }),
    );
    const forced = { drop_params: true, tool_choice: { type: 'custom', custom: { name: 'sql' } } };
    expect(body({ ...forced, tools: [tool, custom] })).toMatchObject({ tools: [tool] });
    expect(body({ ...forced, tools: [tool, custom] })).not.toHaveProperty('tool_choice');
    expect(body({ ...forced, tools: [custom], tool_choice: 'auto' })).not.toHaveProperty('tools');
    expect(body({ ...forced, tools: [custom], tool_choice: 'auto' })).not.toHaveProperty('tool_choice');
  });

  it('does not change the request that it is made of', () => {
    const request = Object.freeze(userRequest('hi', { store: false, mock_response: 'x' }));
    upstreamBody(request, deployment({ params: Object.freeze({ top_p: 1 }) }), 'm');
    expect(request).toHaveProperty('mock_response');
  });
});
