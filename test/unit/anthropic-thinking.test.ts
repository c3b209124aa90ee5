import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

function body(model: string, fields: Partial<CompletionRequest>): Record<string, unknown> {
  return encodeRequest(anthropicFormat(), model, fields);
}

/** What a request says of thinking. */
function thinking(model: string, fields: Partial<CompletionRequest>): Record<string, unknown> {
  const { thinking: config, output_config: output } = body(model, fields);
  return { ...(config !== undefined && { config }), ...(output !== undefined && { output }) };
}

const effort = (level: string) => ({ reasoning_effort: level });
const tools = [{ type: 'function', function: { name: 'f' } }];
const SHOWN = { type: 'adaptive', display: 'summarized' };

describe('reasoning_effort', () => {
  it.each([
    ['claude-opus-4-6', 'high', { config: { type: 'adaptive' }, output: { effort: 'high' } }],
    ['claude-sonnet-4-6', 'minimal', { config: { type: 'adaptive' }, output: { effort: 'low' } }],
    ['claude-opus-4-7', 'xhigh', { config: SHOWN, output: { effort: 'xhigh' } }],
    ['claude-sonnet-5', 'medium', { config: SHOWN, output: { effort: 'medium' } }],
    ['claude-fable-5', 'max', { config: SHOWN, output: { effort: 'max' } }],
    ['my-deployment', 'low', { config: { type: 'adaptive' }, output: { effort: 'low' } }],
    ['claude-opus-4-5-20251101', 'low', { config: { type: 'enabled', budget_tokens: 1024 } }],
    ['claude-haiku-4-5', 'medium', { config: { type: 'enabled', budget_tokens: 2048 } }],
    ['claude-3-7-sonnet-20250219', 'high', { config: { type: 'enabled', budget_tokens: 4096 } }],
    ['claude-opus-4-6', 'default', {}],
  ])('of %s, %s', (model, level, expected) => {
    expect(thinking(model, effort(level))).toEqual(expected);
  });

  it.each([
    ['claude-sonnet-4-5', {}],
    ['claude-opus-4-8', {}],
    ['claude-3-haiku-20240307', {}],
    ['claude-opus-5', { config: { type: 'disabled' } }],
    ['claude-haiku-5-5', { config: { type: 'disabled' } }],
    ['claude-sonnet-5-5', { config: { type: 'between_tools' } }],
    ['my-deployment', { config: { type: 'disabled' } }],
  ])('of none turns thinking off on %s', (model, expected) => {
    expect(thinking(model, effort('none'))).toEqual(expected);
  });

  it.each([
    ['claude-opus-5-5', 'none'],
    ['claude-fable-5', 'none'],
    ['claude-mythos-preview', 'none'],
    ['claude-3-5-sonnet-20241022', 'low'],
    ['claude-opus-4-6', 'xhigh'],
    ['claude-opus-4-6', 'hard'],
    ['claude-sonnet-4-5', 'constructor'],
  ])('is refused where %s has no %s, or dropped', (model, level) => {
    const refusal = { code: 'unsupported_value', param: 'reasoning_effort' };
    expect(() => body(model, effort(level))).toThrow(expect.objectContaining(refusal));
    expect(thinking(model, { ...effort(level), drop_params: true })).toEqual({});
  });

  it('gives way to Anthropic’s own field, and fills in what that leaves open', () => {
    const own = { type: 'adaptive', display: 'omitted' };
    const fields = { ...effort('low'), thinking: own };
    expect(thinking('claude-opus-4-7', fields)).toEqual({ config: own, output: { effort: 'low' } });
    const enabled = { type: 'enabled', budget_tokens: 5000 };
    expect(thinking('claude-sonnet-4-5', { ...effort('low'), thinking: enabled })).toEqual({
      config: enabled,
    });
  });

  it('makes room for its budget in max_tokens', () => {
    const sent = (maxTokens: number) =>
      body('claude-sonnet-4-5', { ...effort('high'), max_tokens: maxTokens }).max_tokens;
    expect([sent(100), sent(4096), sent(4097)]).toEqual([4196, 8192, 4097]);
  });
});

describe('thinking and a forced call', () => {
  const forced = { tools, tool_choice: 'required' };

  it.each([
    ['claude-sonnet-4-5', 'reasoning_effort', effort('low')],
    ['claude-opus-4-6', 'reasoning_effort', effort('low')],
    ['claude-opus-4-6', 'thinking', { thinking: { type: 'adaptive' } }],
  ])('exclude each other on %s by %s', (model, param, fields) => {
    expect(() => body(model, { ...forced, ...fields })).toThrow(expect.objectContaining({ param }));
    const dropped = body(model, { ...forced, ...fields, drop_params: true, temperature: 0.5 });
    expect(dropped).toMatchObject({ tool_choice: { type: 'any' }, temperature: 0.5 });
    expect(dropped).not.toHaveProperty('thinking');
  });

  it('exclude each other where an older model answers in a schema', () => {
    const format = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } };
    const fields = { ...effort('low'), response_format: format };
    expect(() => body('claude-opus-4-1', fields)).toThrow(
      expect.objectContaining({ param: 'reasoning_effort' }),
    );
    expect(thinking('claude-sonnet-4-5', fields)).toMatchObject({ config: { type: 'enabled' } });
  });

  it('go together on models that think unasked, but for Bedrock’s', () => {
    const fields = { ...forced, ...effort('low') };
    expect(thinking('claude-sonnet-5', fields)).toEqual({ output: { effort: 'low' } });
    const bedrock = anthropicFormat({ version: 'bedrock-2023-05-31' });
    expect(encodeRequest(bedrock, 'anthropic.claude-sonnet-5', forced).thinking).toEqual({
      type: 'disabled',
    });
    expect(encodeRequest(bedrock, 'anthropic.claude-sonnet-5', { tools })).not.toHaveProperty('thinking');
  });
});

describe('thinking after tool calls', () => {
  const blocks = [{ type: 'thinking', thinking: 'hm', signature: 's' }];
  const conversation = (thinking_blocks: unknown): Partial<CompletionRequest> => ({
    ...effort('low'),
    tools,
    messages: [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
        thinking_blocks,
      },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ],
  });

  it('with a budget needs the thinking before', () => {
    const refusal = expect.objectContaining({ param: 'reasoning_effort' });
    expect(() => body('claude-sonnet-4-5', conversation(undefined))).toThrow(refusal);
    const unsigned = [{ type: 'thinking', thinking: 'of another model', signature: '' }];
    expect(() => body('claude-sonnet-4-5', conversation(unsigned))).toThrow(refusal);
    expect(thinking('claude-sonnet-4-5', { ...conversation([]), drop_params: true })).toEqual({});
    expect(thinking('claude-sonnet-4-5', conversation(blocks))).toMatchObject({
      config: { type: 'enabled' },
    });
    expect(thinking('claude-opus-4-6', conversation(undefined))).toMatchObject({
      config: { type: 'adaptive' },
    });
  });
});

describe('temperature, top_p and top_k', () => {
  it.each([
    ['claude-sonnet-4-5', { temperature: 0 }, { temperature: 0 }],
    ['claude-sonnet-4-5', { temperature: 1, top_p: 0.9, top_k: 5 }, { top_p: 0.9, top_k: 5 }],
    ['claude-sonnet-4-5', { temperature: 0.5, top_p: 1 }, { temperature: 0.5 }],
    ['claude-3-haiku-20240307', { temperature: 0.5, top_p: 0.5 }, { temperature: 0.5, top_p: 0.5 }],
    ['claude-opus-5', { temperature: 1, top_p: 1 }, {}],
    ['claude-opus-4-6', { ...effort('low'), temperature: 1, top_p: 0.95 }, { top_p: 0.95 }],
  ])('of %s: %j', (model, fields, expected) => {
    const { temperature, top_p, top_k } = body(model, fields);
    expect({ temperature, top_p, top_k }).toEqual(expected);
  });

  it.each([
    ['claude-sonnet-4-5', { temperature: 1.5 }, 'temperature', {}],
    ['claude-opus-4-1', { temperature: 0.5, top_p: 0.5 }, 'top_p', { temperature: 0.5 }],
    ['claude-opus-4-7', { temperature: 0.5 }, 'temperature', {}],
    ['claude-sonnet-5', { top_k: 5 }, 'top_k', {}],
    ['claude-opus-4-6', { ...effort('low'), temperature: 0.5 }, 'temperature', {}],
    ['claude-sonnet-4-5', { ...effort('low'), top_k: 5 }, 'top_k', {}],
    ['claude-sonnet-4-5', { ...effort('low'), top_p: 0.9 }, 'top_p', {}],
  ])('are refused or dropped where %s cannot: %j', (model, fields, param, left) => {
    expect(() => body(model, fields)).toThrow(expect.objectContaining({ code: 'unsupported_value', param }));
    const { temperature, top_p, top_k } = body(model, { ...fields, drop_params: true });
    expect({ temperature, top_p, top_k }).toEqual(left);
  });
});
