import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { bedrockConverse } from '../../src/providers/formats/bedrock-converse/format.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

type Fields = Partial<CompletionRequest>;

const chat = chatFormat();
const thinking = (budget_tokens: number) => ({ thinking: { type: 'enabled', budget_tokens } });

/** What a server that speaks like OpenAI is sent. */
function sent(anthropic: object, fields: Fields = {}, format = chat): Record<string, unknown> {
  return encodeRequest(format, 'm', { ...fields, anthropic: { ...anthropic } });
}

describe('what only Anthropic’s requests say, sent to others', () => {
  it.each([
    [thinking(1024), 'low'],
    [thinking(4095), 'low'],
    [thinking(4096), 'medium'],
    [thinking(16_383), 'medium'],
    [thinking(16_384), 'high'],
    [{ thinking: { type: 'disabled' } }, 'none'],
    [{ thinking: { type: 'between_tools' } }, 'none'],
    [{ thinking: { type: 'adaptive' } }, undefined],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
    [{ output_config: { effort: 'max' } }, 'xhigh'],
    [{ ...thinking(1024), output_config: { effort: 'high' } }, 'high'],
    [{ thinking: null }, undefined],
  ])('%j is the effort %s', (anthropic, effort) => {
    const body = sent(anthropic);
    expect(body.reasoning_effort).toBe(effort);
    for (const field of ['anthropic', 'thinking', 'output_config']) expect(body).not.toHaveProperty(field);
  });

  it('is a budget for Gemini, which takes it by that name', () => {
    const { generationConfig } = sent(thinking(2000), {}, geminiFormat());
    expect(generationConfig).toEqual({ thinkingConfig: { thinkingBudget: 2000, includeThoughts: true } });
  });

  it.each(['cache_control', 'context_management', 'anthropic_beta', 'user_profile_id'])(
    '%s is a hint, and left out',
    (field) => {
      expect(sent({ [field]: 'x' })).toEqual(sent({}));
    },
  );

  it('a user is a hint that may be too long', () => {
    expect(sent({}, { user: 'u'.repeat(64) }).user).toHaveLength(64);
    expect(sent({}, { user: 'u'.repeat(65) })).not.toHaveProperty('user');
    expect(encodeRequest(chat, 'm', { user: 'u'.repeat(65) }).user).toHaveLength(65);
  });

  it.each<[object, Fields, string]>([
    [{ container: 'c' }, {}, 'container'],
    [{ mcp_servers: [{ url: 'https://x' }] }, {}, 'mcp_servers'],
    [{ output_config: { task_budget: 5 } }, {}, 'output_config.task_budget'],
    [
      {},
      { messages: [{ role: 'user', content: [{ type: 'search_result' }] }] },
      'messages[0].content[0].type',
    ],
    [{}, { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
    [
      {},
      { tools: [{ type: 'function', function: { name: 'f' }, anthropic: { defer_loading: true } }] },
      'tools[0].defer_loading',
    ],
  ])('%j with %j is refused by name, and left out where that is asked for', (anthropic, fields, param) => {
    expect(() => sent(anthropic, fields)).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param }),
    );
    const left = JSON.stringify(sent(anthropic, { ...fields, drop_params: true }));
    expect(left).not.toMatch(/container|mcp_servers|task_budget|search|defer_loading/);
  });

  const mark = { type: 'ephemeral' };
  const marked: Fields = {
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: mark }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, cache_control: mark },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'no', is_error: true, cache_control: mark },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'f' },
        cache_control: mark,
        anthropic: { eager_input_streaming: true },
      },
    ],
  };

  it('marks are left out for those who would refuse them', () => {
    const body = sent({}, marked);
    expect(JSON.stringify(body)).not.toMatch(/cache_control|is_error|anthropic|eager/);
    expect(body).toMatchObject({ messages: [{ content: [{ text: 'hi' }] }, {}, { content: 'no' }] });
  });

  it('marks of what is to be cached stay for those who take them', () => {
    const body = JSON.stringify(sent({}, marked, chatFormat({ caches: true })));
    expect(body.match(/cache_control/g)).toHaveLength(4);
    expect(body).not.toMatch(/is_error|anthropic|eager/);
    expect(
      JSON.stringify(encodeRequest(bedrockConverse, 'amazon.nova-pro-v1:0', { ...marked, anthropic: {} })),
    ).toContain('"status":"error"');
  });

  it('images in the results of tools are said by the user where tools can answer by text only', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } };
    const results: Fields = {
      messages: [
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'seen' }, image] },
        { role: 'tool', tool_call_id: 'b', content: [image] },
        { role: 'tool', tool_call_id: 'c', content: 'text' },
        { role: 'user', content: 'Well?' },
      ],
    };
    expect(sent({}, results).messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'seen' }] },
      { role: 'tool', tool_call_id: 'b', content: '[The result is in the next message of the user.]' },
      { role: 'tool', tool_call_id: 'c', content: 'text' },
      { role: 'user', content: [image, image] },
      { role: 'user', content: 'Well?' },
    ]);
    expect(sent({}, { messages: (results.messages ?? []).slice(1, 2) }).messages).toHaveLength(2);
    expect(encodeRequest(chat, 'm', results).messages).toEqual(results.messages);
  });

  it('a request that says nothing of the kind is left alone', () => {
    expect(JSON.stringify(encodeRequest(chat, 'm', marked)).match(/cache_control/g)).toHaveLength(4);
    expect(encodeRequest(chat, 'm', { thinking: { type: 'enabled' } }).thinking).toEqual({ type: 'enabled' });
  });
});

describe('what only Anthropic’s requests say, sent to Anthropic', () => {
  const format = anthropicFormat();

  it('arrives as it was', () => {
    const anthropic = { ...thinking(2000), container: 'c', cache_control: { type: 'ephemeral' } };
    expect(encodeRequest(format, 'claude-sonnet-4-5', { max_tokens: 4000, anthropic })).toMatchObject(
      anthropic,
    );
  });

  it('arrives at its models elsewhere', () => {
    const additional = encodeRequest(bedrockConverse, 'anthropic.claude-sonnet-4-5', {
      anthropic: thinking(2000),
    });
    expect(additional.additionalModelRequestFields).toEqual(thinking(2000));
    const other = encodeRequest(bedrockConverse, 'amazon.nova-2-lite-v1:0', { anthropic: thinking(2000) });
    expect(other.additionalModelRequestFields).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
    });
  });

  it('tools keep what only it knows of them', () => {
    const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
    const { tools } = encodeRequest(format, 'claude-sonnet-4-5', {
      tools: [{ ...tool, anthropic: { defer_loading: true } }],
      anthropic: {},
    });
    expect(tools).toEqual([{ name: 'f', input_schema: { type: 'object' }, defer_loading: true }]);
  });
});

it('thinking is refused where a provider cannot be told to think', () => {
  const format = chatFormat({ unsupported: ['reasoning_effort'] });
  expect(() => encodeRequest(format, 'm', { anthropic: thinking(2000) })).toThrow(
    expect.objectContaining({ code: 'unsupported_value', param: 'thinking' }),
  );
  const off = { anthropic: { thinking: { type: 'disabled' } } };
  expect(encodeRequest(format, 'm', off)).toEqual(encodeRequest(format, 'm'));
});
