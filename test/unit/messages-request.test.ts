import { describe, expect, it } from 'vitest';
import { read, refusal, request, user } from '../support/messages-request.ts';

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
