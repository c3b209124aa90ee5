import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { bedrockConverse } from '../../src/providers/formats/bedrock-converse/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const CLAUDE_46 = 'global.anthropic.claude-sonnet-4-6';
const CLAUDE_37 = 'anthropic.claude-3-7-sonnet-20250219-v1:0';
const NOVA = 'us.amazon.nova-pro-v1:0';
const NOVA_2 = 'us.amazon.nova-2-lite-v1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const GPT_OSS = 'openai.gpt-oss-120b-1:0';
const QWEN = 'qwen.qwen3-32b-v1:0';
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';

type Fields = Partial<CompletionRequest>;

function body(model: string, fields: Fields): Record<string, unknown> {
  const { messages, ...rest } = encodeRequest(bedrockConverse, model, fields);
  expect(messages).toEqual([{ role: 'user', content: [{ text: 'hi' }] }]);
  return rest;
}

const additional = (model: string, fields: Fields) => body(model, fields).additionalModelRequestFields;
const refusal = (param: string) => expect.objectContaining({ code: 'unsupported_value', param });

const tool = (name: string, definition: object = {}) => ({
  type: 'function',
  function: { name, ...definition },
});
const named = (name: string) => ({ type: 'function', function: { name } });
const EMPTY = { json: { type: 'object', properties: {} } };
const spec = (name: string) => ({ toolSpec: { name, inputSchema: EMPTY } });
const SCHEMA = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] };
const CLOSED = {
  type: 'object',
  properties: { n: { type: 'integer', description: '{minimum: 1}' } },
  required: ['n'],
  additionalProperties: false,
};
const inSchema = {
  response_format: { type: 'json_schema', json_schema: { name: 'a', description: 'b', schema: SCHEMA } },
};

describe('how a model of Bedrock is to write', () => {
  it('is said by Bedrock’s own names', () => {
    const fields = { temperature: 0.5, top_p: 0.9, max_tokens: 10, stop: 'END' };
    expect(body(LLAMA, fields)).toEqual({
      inferenceConfig: { maxTokens: 10, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    });
    expect(body(CLAUDE, { max_completion_tokens: 10, temperature: 0.5, stop: ['A', 'B'] })).toEqual({
      inferenceConfig: { maxTokens: 10, temperature: 0.5, stopSequences: ['A', 'B'] },
    });
    expect(body(NOVA, {})).toEqual({});
  });

  it.each([CLAUDE_37, NOVA, LLAMA, ARN])('has a temperature of 1 at most (%s)', (model) => {
    expect(() => body(model, { temperature: 1.5 })).toThrow(refusal('temperature'));
    expect(body(model, { temperature: 1.5, drop_params: true })).toEqual({});
  });

  it('has no blank stop sequences for Claude', () => {
    expect(() => body(CLAUDE, { stop: ['\n', 'END'] })).toThrow(refusal('stop'));
    expect(body(LLAMA, { stop: '\n' })).toEqual({ inferenceConfig: { stopSequences: ['\n'] } });
  });

  it.each([
    [CLAUDE_37, { top_k: 40 }],
    [NOVA, { inferenceConfig: { topK: 40 } }],
    ['cohere.command-r-v1:0', { k: 40 }],
    ['mistral.mistral-7b-instruct-v0:2', { top_k: 40 }],
  ])('%s is told top_k as %j', (model, fields) => {
    expect(additional(model, { top_k: 40 } as Fields)).toEqual(fields);
  });

  it.each([
    ['flex', { serviceTier: { type: 'flex' } }],
    ['priority', { serviceTier: { type: 'priority' } }],
    ['default', { serviceTier: { type: 'default' } }],
    ['auto', {}],
  ])('has the service tier %s as %j', (service_tier, fields) => {
    expect(body(NOVA, { service_tier } as Fields)).toEqual(fields);
    expect(() => body(NOVA, { service_tier: 'scale' } as Fields)).toThrow(refusal('service_tier'));
  });

  it('has Bedrock’s own fields where they belong, and all others for the model', () => {
    const own = {
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled' },
      performanceConfig: { latency: 'optimized' },
      requestMetadata: { team: 'a' },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
    };
    const fields = {
      ...own,
      additionalModelRequestFields: { inferenceConfig: { x: 1 } },
      top_k: 2,
      seedling: 3,
    };
    expect(body(NOVA, fields as Fields)).toEqual({
      ...own,
      additionalModelRequestFields: { inferenceConfig: { x: 1, topK: 2 }, seedling: 3 },
    });
    expect(additional(CLAUDE, { betas: ['a'], anthropic_beta: 'b,a' } as Fields)).toEqual({
      anthropic_beta: ['a', 'b'],
    });
  });
});

describe('how much a model of Bedrock is to reason', () => {
  it.each([
    [CLAUDE_37, 'low', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    [CLAUDE_46, 'high', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    [CLAUDE_37, 'none', undefined],
    [NOVA_2, 'minimal', { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } }],
    [NOVA_2, 'none', { reasoningConfig: { type: 'disabled' } }],
    [GPT_OSS, 'medium', { reasoning_effort: 'medium' }],
    ['us.openai.gpt-5.2', 'high', { reasoning: { effort: 'high' } }],
    [LLAMA, 'default', undefined],
  ])('%s at %s has %j', (model, reasoning_effort, fields) => {
    expect(additional(model, { reasoning_effort })).toEqual(fields);
  });

  it.each([
    [NOVA, 'low'],
    [LLAMA, 'high'],
    [ARN, 'low'],
    [NOVA_2, 'max'],
    [GPT_OSS, 'none'],
  ])('%s cannot be told %s', (model, reasoning_effort) => {
    expect(() => body(model, { reasoning_effort })).toThrow(refusal('reasoning_effort'));
    expect(body(model, { reasoning_effort, drop_params: true })).toEqual({});
  });

  it('leaves room for it within max_tokens', () => {
    const { inferenceConfig } = body(CLAUDE_37, { reasoning_effort: 'low', max_tokens: 100 });
    expect(inferenceConfig).toEqual({ maxTokens: 1124 });
    expect(body(CLAUDE_37, { reasoning_effort: 'low' }).inferenceConfig).toBeUndefined();
  });

  it('takes Anthropic’s own words', () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const fields = { thinking, output_config: { x: 1 } } as Fields;
    expect(additional(CLAUDE_37, fields)).toEqual({ thinking, output_config: { x: 1 } });
  });

  it('excludes sampling at the highest effort of Nova', () => {
    const fields = { reasoning_effort: 'high', temperature: 0.5, top_p: 0.5, top_k: 5 } as Fields;
    expect(() => body(NOVA_2, fields)).toThrow(refusal('temperature'));
    expect(body(NOVA_2, { ...fields, drop_params: true })).toEqual({
      additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
    });
  });
});

describe('tools of Converse', () => {
  const tools = [tool('f'), tool('g', { description: '' })];
  const both = { tools: [spec('f'), spec('g')] };

  it.each([
    [undefined, both],
    ['auto', { ...both, toolChoice: { auto: {} } }],
    ['required', { ...both, toolChoice: { any: {} } }],
    ['none', undefined],
    [named('g'), { ...both, toolChoice: { tool: { name: 'g' } } }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named('g')] } },
      { tools: [spec('g')], toolChoice: { any: {} } },
    ],
  ])('with the choice %j are %j', (tool_choice, toolConfig) => {
    for (const model of [CLAUDE, NOVA, LLAMA]) {
      expect(body(model, { tools, tool_choice } as Fields).toolConfig).toEqual(toolConfig);
    }
  });

  it.each([
    [undefined, { type: 'auto' }],
    ['required', { type: 'any' }],
    [named('f'), { type: 'tool', name: 'f' }],
  ])('one at a time with the choice %j are Claude’s own business', (tool_choice, told) => {
    const fields = { tools, tool_choice, parallel_tool_calls: false } as Fields;
    expect(body(CLAUDE, fields)).toEqual({
      toolConfig: both,
      additionalModelRequestFields: { tool_choice: { ...told, disable_parallel_tool_use: true } },
    });
  });

  it('one at a time are refused by others, where there are tools', () => {
    expect(() => body(NOVA, { tools, parallel_tool_calls: false })).toThrow(refusal('parallel_tool_calls'));
    expect(body(NOVA, { parallel_tool_calls: false })).toEqual({});
    expect(body(CLAUDE, { parallel_tool_calls: false })).toEqual({});
  });

  it('are strict where the model has that, with a schema that it takes', () => {
    const strict = [tool('f', { parameters: SCHEMA, strict: true })];
    const closed = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: CLOSED }, strict: true } }] };
    const open = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: SCHEMA } } }] };
    for (const model of [CLAUDE, QWEN]) expect(body(model, { tools: strict }).toolConfig).toEqual(closed);
    for (const model of [CLAUDE_37, NOVA]) expect(body(model, { tools: strict }).toolConfig).toEqual(open);
  });

  it('of Anthropic and of Amazon go where they belong', () => {
    const computer = { type: 'computer_20250124', name: 'computer', display_width_px: 1 };
    const grounding = { type: 'system_tool', system_tool: { name: 'nova_grounding' } };
    expect(body(CLAUDE, { tools: [tool('f'), computer] })).toEqual({
      toolConfig: { tools: [spec('f')] },
      additionalModelRequestFields: { tools: [computer] },
    });
    expect(body(NOVA_2, { tools: [grounding] })).toEqual({
      toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] },
    });
    expect(() => body(NOVA, { tools: [computer] })).toThrow(refusal('tools'));
    expect(() => body(NOVA, { tools: [{ type: 'web_search' }] })).toThrow(refusal('tools[0].type'));
  });
});

describe('an answer in a schema by Converse', () => {
  it.each([CLAUDE, QWEN, GPT_OSS, ARN])('is asked for as text of %s', (model) => {
    expect(body(model, inSchema)).toEqual({
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'a', description: 'b', schema: JSON.stringify(CLOSED) } },
        },
      },
    });
  });

  it.each([CLAUDE_37, NOVA])('is a call of a tool for %s', (model) => {
    const answer = {
      toolSpec: {
        name: 'sluice_structured_answer',
        description: expect.any(String),
        inputSchema: { json: SCHEMA },
      },
    };
    expect(body(model, inSchema)).toEqual({
      toolConfig: { tools: [answer], toolChoice: { tool: { name: 'sluice_structured_answer' } } },
    });
    const forced = { ...inSchema, tools: [tool('f')], tool_choice: 'required' };
    expect(body(model, forced)).toEqual({ toolConfig: { tools: [spec('f')], toolChoice: { any: {} } } });
    const free = body(NOVA, { ...inSchema, tools: [tool('f')] });
    expect(free).toEqual({ toolConfig: { tools: [spec('f'), answer], toolChoice: { any: {} } } });
  });

  it('is refused by models that have neither', () => {
    expect(() => body(LLAMA, inSchema)).toThrow(refusal('response_format'));
    expect(body(LLAMA, { ...inSchema, drop_params: true })).toEqual({});
    expect(() => body(CLAUDE, { response_format: { type: 'json_object' } })).toThrow(
      refusal('response_format'),
    );
  });
});
