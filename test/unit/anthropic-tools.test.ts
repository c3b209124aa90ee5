import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

const NEW = 'claude-sonnet-4-6';
const OLD = 'claude-sonnet-4-20250514';

function body(fields: Partial<CompletionRequest>, model = NEW): Record<string, unknown> {
  return encodeRequest(anthropicFormat(), model, fields);
}

const tool = (name: string, definition: object = {}) => ({
  type: 'function',
  function: { name, ...definition },
});
const named = { type: 'function', function: { name: 'f' } };
const EMPTY = { type: 'object', properties: {} };

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { n: { type: 'integer', minimum: 1, description: 'How many.' } },
  required: ['n'],
};
const CLOSED = {
  type: 'object',
  properties: { n: { type: 'integer', description: 'How many.\n\n{minimum: 1}' } },
  required: ['n'],
  additionalProperties: false,
};
const answer = (schema: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
});

describe('Anthropic’s tools', () => {
  it('are functions with a schema, and Anthropic’s own as they came', () => {
    const mark = { type: 'ephemeral' };
    const own = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
    const tools = [
      tool('f', { description: 'd', parameters: SCHEMA }),
      { ...tool('g'), cache_control: mark },
      own,
    ];
    expect(body({ tools }).tools).toEqual([
      { name: 'f', description: 'd', input_schema: SCHEMA },
      { name: 'g', input_schema: EMPTY, cache_control: mark },
      own,
    ]);
    expect(body({ tools: [tool('f', { parameters: { properties: {} } })] }).tools).toEqual([
      { name: 'f', input_schema: EMPTY },
    ]);
  });

  it('refuse other kinds', () => {
    expect(() => body({ tools: [{ type: 'code_interpreter' }] })).toThrow('tools[0].type');
  });

  it('are strict where the model has that, with a schema that it takes', () => {
    const tools = [tool('f', { parameters: SCHEMA, strict: true }), tool('g', { strict: false })];
    expect(body({ tools }).tools).toEqual([
      { name: 'f', input_schema: CLOSED, strict: true },
      { name: 'g', input_schema: EMPTY },
    ]);
    expect(body({ tools }, OLD).tools).toEqual([
      { name: 'f', input_schema: SCHEMA },
      { name: 'g', input_schema: EMPTY },
    ]);
  });

  it.each([
    [{}, undefined],
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'required' }, { type: 'any' }],
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: named }, { type: 'tool', name: 'f' }],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ parallel_tool_calls: true }, undefined],
    [
      { tool_choice: 'required', parallel_tool_calls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ tool_choice: 'none', parallel_tool_calls: false }, { type: 'none' }],
    [
      { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } } },
      { type: 'any' },
    ],
  ])('are chosen: %j', (fields, choice) => {
    const sent = body({ tools: [tool('f'), tool('g')], ...fields });
    expect(sent.tool_choice).toEqual(choice);
    const allowed = 'tool_choice' in fields && JSON.stringify(fields).includes('allowed_tools');
    expect(sent.tools).toHaveLength(allowed ? 1 : 2);
  });

  it('have no choice without tools', () => {
    expect(body({ tool_choice: 'required', parallel_tool_calls: false })).not.toHaveProperty('tool_choice');
  });

  it.each(['claude-opus-5-5', 'claude-haiku-5-5', 'claude-fable-5-1'])('cannot be forced on %s', (model) => {
    const fields = { tools: [tool('f')], tool_choice: 'required' };
    expect(() => body(fields, model)).toThrow(expect.objectContaining({ param: 'tool_choice' }));
    expect(body({ ...fields, drop_params: true }, model)).not.toHaveProperty('tool_choice');
    expect(body(fields, 'claude-opus-5').tool_choice).toEqual({ type: 'any' });
  });

  it('search the web as OpenAI’s options say', () => {
    const near = { type: 'approximate', approximate: { city: 'Paris', country: 'FR' } };
    const options = { search_context_size: 'medium', user_location: near };
    expect(body({ web_search_options: options }).tools).toEqual([
      {
        type: 'web_search_20250305',
        name: 'web_search',
        max_uses: 5,
        user_location: { type: 'approximate', city: 'Paris', country: 'FR' },
      },
    ]);
    expect(body({ web_search_options: {} }).tools).toHaveLength(1);
    const bedrock = anthropicFormat({ version: 'bedrock-2023-05-31' });
    expect(() => encodeRequest(bedrock, NEW, { web_search_options: {} })).toThrow('web_search_options');
  });
});

describe('an answer in a schema', () => {
  it('is output_config.format on newer models, and on those whose name says nothing', () => {
    for (const model of [NEW, 'claude-haiku-4-5', 'my-deployment']) {
      expect(body(answer(SCHEMA), model)).toMatchObject({
        output_config: { format: { type: 'json_schema', schema: CLOSED } },
      });
    }
  });

  it('is a tool that must be called on older ones', () => {
    const sent = body(answer(SCHEMA), OLD);
    expect(sent).not.toHaveProperty('output_config');
    expect(sent.tools).toMatchObject([{ name: 'sluice_structured_answer', input_schema: SCHEMA }]);
    expect(sent.tool_choice).toEqual({ type: 'tool', name: 'sluice_structured_answer' });
  });

  it('leaves older models their other tools', () => {
    const tools = [tool('f')];
    const free = body({ ...answer(SCHEMA), tools }, OLD);
    expect(free.tools).toHaveLength(2);
    expect(free.tool_choice).toEqual({ type: 'any', disable_parallel_tool_use: true });
    const silent = body({ ...answer(SCHEMA), tools, tool_choice: 'none' }, OLD);
    expect(silent.tool_choice).toEqual({ type: 'tool', name: 'sluice_structured_answer' });
    const forced = body({ ...answer(SCHEMA), tools, tool_choice: named }, OLD);
    expect(forced.tools).toHaveLength(1);
    expect(forced.tool_choice).toEqual({ type: 'tool', name: 'f' });
  });

  it('needs the schema', () => {
    const fields = { response_format: { type: 'json_object' } };
    expect(() => body(fields)).toThrow(expect.objectContaining({ param: 'response_format' }));
    expect(body({ ...fields, drop_params: true })).not.toHaveProperty('output_config');
    expect(body({ response_format: { type: 'text' } })).not.toHaveProperty('output_config');
  });

  it('has everything that Anthropic refuses in its descriptions, at every depth', () => {
    const schema = {
      type: ['object', 'null'],
      $defs: { day: { type: 'string', format: 'date', maxLength: 9 } },
      properties: {
        list: { type: 'array', items: { $ref: '#/$defs/day' }, minItems: 1, maxItems: 3 },
        pair: { type: 'array', minItems: 2 },
        kind: { oneOf: [{ const: 'a' }, { enum: ['b'], default: 'b' }] },
        map: { type: 'object', additionalProperties: { type: 'string' } },
        name: { type: 'string', format: 'regex', pattern: '^a' },
      },
    };
    const { output_config: config } = body(answer(schema)) as {
      output_config: { format: { schema: unknown } };
    };
    expect(config.format.schema).toEqual({
      type: ['object', 'null'],
      $defs: { day: { type: 'string', format: 'date', description: '{maxLength: 9}' } },
      properties: {
        list: {
          type: 'array',
          items: { $ref: '#/$defs/day' },
          minItems: 1,
          description: '{maxItems: 3}',
        },
        pair: { type: 'array', description: '{minItems: 2}' },
        kind: { anyOf: [{ const: 'a' }, { enum: ['b'], default: 'b' }] },
        map: {
          type: 'object',
          additionalProperties: false,
          description: '{additionalProperties: {"type":"string"}}',
        },
        name: { type: 'string', description: '{format: "regex", pattern: "^a"}' },
      },
      additionalProperties: false,
    });
  });
});
