import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { PartialArguments } from '../../src/providers/formats/gemini/partial-arguments.ts';
import { decode } from '../support/decode.ts';

function joined(...pieces: object[]): unknown {
  const partial = new PartialArguments();
  for (const piece of pieces) expect(partial.add(piece)).toBe(true);
  return JSON.parse(partial.toString());
}

describe('streamed arguments', () => {
  it('are put together from values of every kind', () => {
    expect(
      joined(
        { jsonPath: '$.text', stringValue: 'Bo', willContinue: true },
        { jsonPath: '$.text', stringValue: 'ston', willContinue: true },
        { jsonPath: '$.text', stringValue: '' },
        { jsonPath: '$.number', numberValue: 0 },
        { jsonPath: '$.flag', boolValue: false },
        { jsonPath: '$.none', nullValue: 'NULL_VALUE' },
        { jsonPath: '$.empty', stringValue: '' },
      ),
    ).toEqual({ text: 'Boston', number: 0, flag: false, none: null, empty: '' });
  });

  it('go where paths lead, which may cross', () => {
    expect(
      joined(
        { jsonPath: '$.list[0].name', stringValue: 'a', willContinue: true },
        { jsonPath: "$['a key'][0][0]", numberValue: 1 },
        { jsonPath: '$["it\'s"].x', numberValue: 2 },
        { jsonPath: "$['q\\'\\u0041']", numberValue: 3 },
        { jsonPath: '$.list[0].name', stringValue: 'b' },
        { jsonPath: '$.list[1].name', stringValue: 'c' },
        { jsonPath: '$.__proto__.x', numberValue: 4 },
      ),
    ).toEqual(
      JSON.parse(
        `{"list":[{"name":"ab"},{"name":"c"}],"a key":[[1]],"it's":{"x":2},"q'A":3,"__proto__":{"x":4}}`,
      ),
    );
  });

  it('replace text that was not to be continued', () => {
    expect(joined({ jsonPath: '$.a', stringValue: 'x' }, { jsonPath: '$.a', stringValue: 'y' })).toEqual({
      a: 'y',
    });
  });

  it.each(['', 'a', '$', '$.', '$.a[', '$..a', '$.list[999999999]', '$.text.a', '$.list.a', '$[0]'])(
    'cannot be at %s',
    (jsonPath) => {
      const partial = new PartialArguments();
      partial.add({ jsonPath: '$.text', stringValue: 'x' });
      partial.add({ jsonPath: '$.list[0]', numberValue: 1 });
      expect(partial.add({ jsonPath, numberValue: 1 })).toBe(false);
      expect(partial.toString()).toBe('{"text":"x","list":[1]}');
    },
  );
});

describe('streamed calls', () => {
  function answer(...calls: object[]) {
    const event = (part: object, more: object = {}) =>
      `data: ${JSON.stringify({ candidates: [{ content: { parts: [part] }, ...more }] })}\r\n\r\n`;
    const events = calls.map(({ thoughtSignature, ...functionCall }: { thoughtSignature?: string }) => {
      return event({ functionCall, ...(thoughtSignature && { thoughtSignature }) });
    });
    const { deltas, error } = decode(geminiFormat(), [
      ...events,
      event({ text: '' }, { finishReason: 'STOP' }),
    ]);
    const fold = new Fold();
    for (const delta of deltas) fold.add(delta);
    return { error, choice: fold.completion({ id: 'i', created: 0, model: 'm' }).choices[0], deltas };
  }

  it('are named at once, and end where nothing more is announced', () => {
    const { choice, deltas } = answer(
      { name: 'f', willContinue: true, thoughtSignature: 'c2ln' },
      { partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }], willContinue: true },
      { partialArgs: [{ jsonPath: '$.a', stringValue: 'y' }], willContinue: true },
      {},
      { name: 'f', partialArgs: [{ jsonPath: '$.b', numberValue: 1 }], willContinue: true },
      { partialArgs: [{ jsonPath: '$.c', numberValue: 2 }] },
      { name: 'g', args: { d: 3 } },
      { name: 'h', willContinue: true },
    );
    expect(deltas[1]).toMatchObject({ type: 'tool_call', call: 0, name: 'f' });
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.tool_calls?.map((call) => call.function)).toEqual([
      { name: 'f', arguments: '{"a":"xy"}' },
      { name: 'f', arguments: '{"b":1,"c":2}' },
      { name: 'g', arguments: '{"d":3}' },
      { name: 'h', arguments: '{}' },
    ]);
    expect(choice?.message.tool_calls?.[0]?.provider_specific_fields).toEqual({ thought_signature: 'c2ln' });
    expect(new Set(choice?.message.tool_calls?.map(({ id }) => id)).size).toBe(4);
  });

  it('tell their arguments as soon as they end, and end where another begins', () => {
    const pieces = { partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true };
    const told = (deltas: readonly Delta[]) =>
      deltas.flatMap((delta) => (delta.type === 'tool_call' ? [[delta.call, delta.arguments]] : []));
    const { deltas } = answer(
      { name: 'f', ...pieces },
      { name: 'g', args: {} },
      { name: 'h', ...pieces },
      {},
    );
    expect(told(deltas)).toEqual([
      [0, undefined],
      [0, '{"a":"x"}'],
      [1, '{}'],
      [2, undefined],
      [2, '{"a":"x"}'],
    ]);
    const stray = { partialArgs: [{ jsonPath: '$.z', stringValue: 'x' }], willContinue: true };
    const open = answer({ name: 'f', ...pieces }, {}, stray);
    expect(told(open.deltas)).toEqual(told(deltas).slice(0, 2));
  });

  it('break the answer off where they make no sense', () => {
    const { error } = answer({ name: 'f', partialArgs: [{ jsonPath: '$.a[7]', numberValue: 1 }] });
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});
