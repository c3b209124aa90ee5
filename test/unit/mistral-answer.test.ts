import { describe, expect, it } from 'vitest';
import { mistralChat } from '../../src/providers/formats/mistral/format.ts';
import { decode } from '../support/decode.ts';

function chunk(delta: unknown, finish_reason: string | null = null, usage?: object): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }], usage, p: 'abc' })}\n\n`;
}

const START = { type: 'start', choice: 0 };
const STOP = { type: 'finish', choice: 0, reason: 'stop' };

describe('an answer of Mistral', () => {
  it('has thinking and text in one array, then plain text', () => {
    const thinking = (text: string, closed: boolean) => ({
      type: 'thinking',
      thinking: [{ type: 'text', text }],
      closed,
    });
    const { deltas, error } = decode(mistralChat, [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: [thinking('h', false)] }),
      chunk({ content: [thinking('m', true), { type: 'text', text: 'a' }] }),
      chunk({ content: 'b' }),
      chunk({ content: '' }, 'stop', { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }),
      'data: [DONE]\n\n',
    ]);
    expect(error).toBeNull();
    expect(deltas).toEqual([
      START,
      { type: 'reasoning', choice: 0, text: 'h' },
      { type: 'reasoning', choice: 0, text: 'm' },
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 0, text: 'b' },
      STOP,
      { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ]);
  });

  it('keeps references to what it rests on', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'reference', reference_ids: [1, 'b'] },
    ];
    expect(decode(mistralChat, [chunk({ content }), chunk({}, 'stop')]).deltas).toEqual([
      START,
      { type: 'text', choice: 0, text: 'a' },
      { type: 'annotation', choice: 0, annotation: { type: 'reference', reference_ids: [1, 'b'] } },
      STOP,
    ]);
  });

  it('has whole tool calls without an index', () => {
    const call = (id: string) => ({ id, function: { name: 'f', arguments: '{"a": 1}' } });
    const { deltas } = decode(mistralChat, [
      chunk({ content: '', tool_calls: [call('EscTeQY62'), call('a1b2c3d4e')] }, 'tool_calls'),
    ]);
    const fragment = { type: 'tool_call', choice: 0, name: 'f', arguments: '{"a": 1}' };
    expect(deltas).toEqual([
      START,
      { ...fragment, call: 0, id: 'EscTeQY62' },
      { ...fragment, call: 1, id: 'a1b2c3d4e' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ]);
  });

  it('has tool calls in fragments that repeat an empty name', () => {
    const { deltas } = decode(mistralChat, [
      chunk({
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '' }, index: 0 }],
      }),
      chunk({ tool_calls: [{ type: 'function', function: { name: '', arguments: '{}' }, index: 0 }] }),
      chunk({}, 'tool_calls'),
    ]);
    expect(deltas.slice(1, -1)).toEqual([
      { type: 'tool_call', choice: 0, call: 0, id: 'x', name: 'f' },
      { type: 'tool_call', choice: 0, call: 0, arguments: '{}' },
    ]);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['tool_calls', 'tool_calls'],
  ])('ends with %s as %s', (native, reason) => {
    expect(decode(mistralChat, [chunk({}, native)]).deltas.at(-1)).toMatchObject({ type: 'finish', reason });
  });

  it('is broken off where it ends with error', () => {
    const { error } = decode(mistralChat, [chunk({ content: 'a' }), chunk({}, 'error')]);
    expect(error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('may come whole, with its content in parts', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'a' },
    ];
    const whole = { choices: [{ index: 0, message: { content, tool_calls: null }, finish_reason: 'stop' }] };
    expect(decode(mistralChat, [JSON.stringify(whole)], 'application/json').deltas).toEqual([
      START,
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'text', choice: 0, text: 'a' },
      STOP,
    ]);
  });
});
