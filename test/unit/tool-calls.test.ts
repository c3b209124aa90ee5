import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { type ToolCallFragment, ToolCalls } from '../../src/providers/answer/tool-calls.ts';

function decode(...items: ToolCallFragment[]): Delta[] {
  const deltas: Delta[] = [];
  const decoder = new ToolCalls(0);
  for (const item of items) decoder.push(item, deltas);
  return deltas;
}

/** The calls that the items make, as `id name(arguments)`. */
function calls(...items: ToolCallFragment[]): string[] {
  const fold = new Fold();
  for (const delta of decode(...items)) fold.add(delta);
  const { message } = fold.completion({ id: '', created: 0, model: '' }).choices[0] ?? {};
  return (message?.tool_calls ?? []).map(({ id, function: f }) => `${id} ${f.name}(${f.arguments})`);
}

function item(index: number | undefined, id: string | undefined, name?: string, args?: unknown) {
  return {
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(args !== undefined && { arguments: args }),
  };
}

describe('tool calls', () => {
  it('carry id and name in the first fragment only, and number from 0', () => {
    expect(
      decode(item(3, 'a', 'f', ''), item(3, undefined, undefined, '{}'), item(5, 'b', 'g', '[]')),
    ).toEqual([
      { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f' },
      { type: 'tool_call', choice: 0, call: 0, arguments: '{}' },
      { type: 'tool_call', choice: 0, call: 1, id: 'b', name: 'g', arguments: '[]' },
    ]);
  });

  it('may interleave', () => {
    const items = [
      item(0, 'a', 'f', '1'),
      item(1, 'b', 'g', '3'),
      item(0, undefined, undefined, '2'),
      item(1, '', '', '4'),
    ];
    expect(calls(...items)).toEqual(['a f(12)', 'b g(34)']);
  });

  it('begin anew with a new id at a known index', () => {
    expect(calls(item(0, 'a', 'f', '1'), item(0, 'b', 'f', '2'), item(0, undefined, undefined, '3'))).toEqual(
      ['a f(1)', 'b f(23)'],
    );
  });

  it('go on where id and name are repeated, or empty', () => {
    expect(calls(item(0, 'a', 'f', '1'), item(0, 'a', 'f', '2'), item(0, '', '', '3'))).toEqual(['a f(123)']);
  });

  it('may have no index', () => {
    expect(calls(item(undefined, 'a', 'f', '1'), item(undefined, 'b', 'g', '2'))).toEqual([
      'a f(1)',
      'b g(2)',
    ]);
    expect(calls(item(undefined, 'a', 'f', '1'), item(undefined, undefined, undefined, '2'))).toEqual([
      'a f(12)',
    ]);
    expect(
      calls(item(undefined, 'a', 'f', '1'), item(undefined, 'b', 'g', '2'), item(undefined, 'a', 'f', '3')),
    ).toEqual(['a f(13)', 'b g(2)']);
  });

  it('get an id where the server sends none, and take one that comes late', () => {
    const [first, second] = calls(item(undefined, undefined, 'f', {}), item(undefined, undefined, 'f', {}));
    expect(first).toMatch(/^call_[0-9a-f]{24} f\({}\)$/);
    expect(second).toMatch(/^call_[0-9a-f]{24} f\({}\)$/);
    expect(first).not.toBe(second);
    expect(calls(item(0, undefined, 'f', '1'), item(0, 'late', undefined, '2'))).toEqual(['late f(12)']);
  });

  it('may have arguments that are an object', () => {
    expect(calls(item(0, 'a', 'f', { city: 'Paris' }))).toEqual(['a f({"city":"Paris"})']);
  });

  it('yield nothing for fragments without news', () => {
    expect(decode(item(0, 'a', 'f'), item(0, 'a', 'f', ''), {})).toHaveLength(1);
  });

  it('have ids of their own where the server repeats one at another index', () => {
    const [first, second] = calls(item(0, 'a', 'f', '1'), item(1, 'a', 'f', '2'));
    expect(first).toBe('a f(1)');
    expect(second).toMatch(/^call_[0-9a-f]{24} f\(2\)$/);
  });

  it('are closed with the empty object where no arguments came', () => {
    const deltas: Delta[] = [];
    const decoder = new ToolCalls(0);
    decoder.push(item(0, 'a', 'f', ''), deltas);
    decoder.push(item(1, 'b', 'g', '[1]'), deltas);
    decoder.close(deltas);
    decoder.close(deltas);
    expect(deltas.slice(2)).toEqual([{ type: 'tool_call', choice: 0, call: 0, arguments: '{}' }]);
  });
});
