import { describe, expect, it } from 'vitest';
import type { CompletionRequest, RequestMessage } from '../../src/core/completion.ts';
import { bodyOf, formatOf } from '../support/formats.ts';
import { userRequest } from '../support/provider-calls.ts';

const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const NAMED = { type: 'function', function: { name: 'f' } };

function body(name: string, fields: Partial<CompletionRequest>, model?: string): Record<string, unknown> {
  return bodyOf(formatOf(name), userRequest('hi', fields), model === undefined ? {} : { model });
}

function messages(name: string, ...list: RequestMessage[]): Record<string, unknown>[] {
  return body(name, { messages: list }).messages as Record<string, unknown>[];
}

function refusal(name: string, fields: Partial<CompletionRequest>, model?: string): unknown {
  try {
    body(name, fields, model);
  } catch (error) {
    return error;
  }
  return null;
}

describe('the fields of a request', () => {
  it.each([
    ['deepseek', 'max_completion_tokens', 'max_tokens'],
    ['cerebras', 'max_tokens', 'max_completion_tokens'],
    ['snowflake', 'max_tokens', 'max_completion_tokens'],
    ['groq', 'max_completion_tokens', 'max_completion_tokens'],
  ])('for %s have its name for %s', (name, ours, theirs) => {
    const sent = body(name, { [ours]: 5 });
    expect(Object.entries(sent).filter(([key]) => key.startsWith('max_'))).toEqual([[theirs, 5]]);
  });

  it('keep only the hints that the vendor has a place for', () => {
    const hints = { user: 'u', safety_identifier: 's', prompt_cache_key: 'k', prompt_cache_retention: '24h' };
    expect(body('groq', hints)).toMatchObject({ user: 'u' });
    expect(Object.keys(body('groq', hints))).not.toContain('safety_identifier');
    expect(body('moonshot', hints)).toMatchObject({ safety_identifier: 's', prompt_cache_key: 'k' });
    expect(Object.keys(body('zai', hints)).sort()).toEqual(Object.keys(body('zai', {})).sort());
  });

  it('have reasoning_effort in the vendor’s words', () => {
    const high = { reasoning_effort: 'high' };
    const none = { reasoning_effort: 'none' };
    expect(body('openrouter', high)).toMatchObject({
      reasoning: { effort: 'high' },
      usage: { include: true },
    });
    expect(body('openrouter', { ...high, reasoning: { max_tokens: 9 } }).reasoning).toEqual({
      max_tokens: 9,
    });
    expect(body('vercel_ai_gateway', high).reasoning).toEqual({ effort: 'high' });
    expect(body('snowflake', high, 'claude-sonnet-4-6').reasoning).toEqual({ effort: 'high' });
    expect(body('snowflake', high, 'openai-gpt-5').reasoning_effort).toBe('high');
    for (const name of ['zai', 'moonshot']) {
      expect(body(name, high).thinking).toEqual({ type: 'enabled' });
      expect(body(name, none).thinking).toEqual({ type: 'disabled' });
      expect(body(name, { ...none, thinking: { type: 'enabled', clear_thinking: false } }).thinking).toEqual({
        type: 'enabled',
        clear_thinking: false,
      });
    }
    expect(body('deepseek', none).thinking).toEqual({ type: 'disabled' });
    expect(body('deepseek', high)).toMatchObject({ reasoning_effort: 'high' });
    expect(body('dashscope', none).enable_thinking).toBe(false);
    for (const name of ['openrouter', 'vercel_ai_gateway', 'zai', 'moonshot', 'dashscope']) {
      expect(body(name, high)).not.toHaveProperty('reasoning_effort');
    }
  });

  it('ask MiniMax to keep reasoning apart, unless told otherwise', () => {
    expect(body('minimax', {}).reasoning_split).toBe(true);
    expect(body('minimax', { reasoning_split: false }).reasoning_split).toBe(false);
  });

  it('pass as they are where OpenAI does not have them', () => {
    const own = {
      guided_json: { type: 'object' },
      chat_template_kwargs: { enable_thinking: false },
      top_k: 4,
    };
    for (const name of ['hosted_vllm', 'llamacpp', 'groq', 'openrouter']) {
      expect(body(name, own)).toMatchObject(own);
    }
  });

  it('say older things in newer words', () => {
    const sent = body('groq', {
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } },
        { role: 'function', name: 'f', content: 'done' },
      ],
    });
    expect(sent).toMatchObject({ tools: [TOOL], tool_choice: NAMED });
    expect(sent).not.toHaveProperty('functions');
    expect(sent).not.toHaveProperty('function_call');
    const call = { id: 'f', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(sent.messages).toEqual([
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'f', content: 'done' },
    ]);
    const other = { type: 'function', function: { name: 'g' } };
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] };
    const tool_choice = { type: 'allowed_tools', allowed_tools: allowed };
    expect(body('groq', { tools: [TOOL, other], tool_choice })).toMatchObject({
      tools: [TOOL],
      tool_choice: 'required',
    });
  });

  it('have no tools where none of them is allowed', () => {
    const allowed = { mode: 'auto', tools: [{ type: 'function', function: { name: 'g' } }] };
    const sent = body('groq', {
      tools: [TOOL],
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    expect(sent).not.toHaveProperty('tools');
    expect(sent).not.toHaveProperty('tool_choice');
  });

  it('of other choices of tools stay as they are, with tools that are not functions', () => {
    const tools = [TOOL, { type: 'browser_search' }];
    expect(body('groq', { tools, tool_choice: 'auto' })).toMatchObject({ tools, tool_choice: 'auto' });
  });
});

describe('what a vendor does not take', () => {
  it.each<[string, Partial<CompletionRequest>, string, string?]>([
    ['groq', { n: 2 }, 'n'],
    ['groq', { logit_bias: { 1: 1 } }, 'logit_bias'],
    ['perplexity', { tools: [TOOL] }, 'tools'],
    ['deepseek', { response_format: { type: 'json_schema', json_schema: {} } }, 'response_format'],
    ['deepseek', { tools: [TOOL], tool_choice: NAMED, reasoning_effort: 'high' }, 'tool_choice'],
    ['deepseek', { tools: [TOOL], tool_choice: 'required', thinking: { type: 'enabled' } }, 'tool_choice'],
    ['moonshot', { tools: [TOOL], tool_choice: 'required' }, 'tool_choice'],
    ['moonshot', { temperature: 1.5 }, 'temperature'],
    ['deepinfra', { tools: [TOOL], tool_choice: NAMED }, 'tool_choice'],
    ['zai', { tools: [TOOL], tool_choice: 'none' }, 'tool_choice'],
    ['xai', { stop: 'x' }, 'stop', 'grok-4'],
    ['xai', { presence_penalty: 1 }, 'presence_penalty', 'grok-3-mini'],
    ['minimax', { reasoning_effort: 'low' }, 'reasoning_effort'],
    ['groq', { messages: [{ role: 'user', name: 'Ann', content: 'hi' }] }, 'messages[0].name'],
  ])('%s refuses by name: %o', (name, fields, param, model) => {
    expect(refusal(name, fields, model)).toMatchObject({
      code: expect.stringMatching(/^unsupported_/),
      param,
    });
    const sent = body(name, { ...fields, drop_params: true }, model);
    expect(sent).not.toHaveProperty(param);
    expect(JSON.stringify(sent)).not.toContain('Ann');
  });

  it.each<[string, Partial<CompletionRequest>, string?]>([
    ['groq', { n: 1, logprobs: false }],
    ['xai', { stop: 'x' }, 'grok-4-fast-non-reasoning'],
    ['xai', { stop: 'x' }, 'grok-3'],
    ['moonshot', { temperature: 1, tools: [TOOL], tool_choice: NAMED }],
    ['deepseek', { response_format: { type: 'json_object' } }],
  ])('%s takes what is close to it: %o', (name, fields, model) => {
    expect(refusal(name, fields, model)).toBeNull();
  });

  it('is thinking for DeepSeek where a tool is forced', () => {
    expect(body('deepseek', { tools: [TOOL], tool_choice: NAMED })).toMatchObject({
      tool_choice: NAMED,
      thinking: { type: 'disabled' },
    });
    expect(body('deepseek', { tools: [TOOL], tool_choice: 'auto' })).not.toHaveProperty('thinking');
    const off = { tools: [TOOL], tool_choice: 'required', reasoning_effort: 'none' };
    expect(body('deepseek', off)).toMatchObject({ tool_choice: 'required', thinking: { type: 'disabled' } });
  });
});

describe('the messages of a request', () => {
  const user = { role: 'user', content: 'hi' } as const;
  const called = {
    role: 'assistant',
    content: null,
    reasoning_content: 'r1',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  } satisfies RequestMessage;
  const result = { role: 'tool', tool_call_id: 'c', content: 'ok' } as const;
  const said = { role: 'assistant', content: 'a', reasoning_content: 'r2' } satisfies RequestMessage;

  it('keep the reasoning of turns with tools for DeepSeek, Moonshot, Z.ai and Fireworks, and of no others', () => {
    for (const name of ['deepseek', 'moonshot', 'zai', 'fireworks_ai']) {
      const sent = messages(name, user, said, user, called, result, said, user, said);
      expect(sent.map(({ reasoning_content }) => reasoning_content)).toEqual([
        ...[undefined, undefined, undefined, 'r1', undefined, 'r2', undefined, undefined],
      ]);
    }
    expect(JSON.stringify(messages('groq', user, called, result))).not.toContain('r1');
  });

  it('have reasoning_details for those who want them back, from wherever the client kept them', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'eA==' }];
    const kept = { ...said, provider_specific_fields: { reasoning_details: details, images: [] } };
    for (const name of ['openrouter', 'minimax', 'snowflake', 'vercel_ai_gateway']) {
      for (const message of [kept, { ...said, reasoning_details: details }]) {
        const [, sent] = messages(name, user, message);
        expect(sent).toEqual({ role: 'assistant', content: 'a', reasoning_details: details });
      }
    }
    expect(messages('openai', user, kept)[1]).toEqual({ role: 'assistant', content: 'a' });
  });

  it('have Google’s extra content on calls again, at gateways', () => {
    const extra_content = { google: { thought_signature: 'c2ln' } };
    const calls = called.tool_calls.map((call) => ({ ...call, provider_specific_fields: { extra_content } }));
    const call = (name: string) => {
      const [, sent] = messages(name, user, { ...called, tool_calls: calls }, result);
      return (sent as { tool_calls: unknown[] }).tool_calls[0];
    };
    expect(call('openrouter')).toEqual({ ...called.tool_calls[0], extra_content });
    expect(call('groq')).toEqual(called.tool_calls[0]);
  });

  it('are in words that every server knows', () => {
    const parts = (text: string) => [{ type: 'text', text }];
    const sent = messages(
      'cerebras',
      { role: 'developer', content: parts('Be brief.') },
      { role: 'user', content: [...parts('a'), ...parts('b')] },
      { role: 'assistant', content: null, refusal: 'No.', audio: null, tool_calls: null },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] },
    );
    expect(sent).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'ab' },
      { role: 'assistant', content: 'No.' },
      { role: 'assistant', content: 'Never.' },
    ]);
  });

  it('keep parts that say more than their text', () => {
    const marked = [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }];
    const image = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'https://a.test/a.png' } },
    ];
    expect(messages('openrouter', { role: 'user', content: marked })).toMatchObject([{ content: marked }]);
    expect(messages('openrouter', { role: 'user', content: image })).toMatchObject([{ content: image }]);
  });

  it('stay as they are for OpenAI', () => {
    const list: RequestMessage[] = [
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'assistant', content: null, refusal: 'No.' },
    ];
    expect(messages('openai', ...list)).toEqual(list);
  });
});
