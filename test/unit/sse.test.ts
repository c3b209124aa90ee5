import { describe, expect, it } from 'vitest';
import { decodeEvents, encodeEvent, type IncomingEvent } from '../../src/core/sse.ts';

interface Seen {
  events: IncomingEvent[];
  lines: string[];
  oversize: number;
}

function decode(pieces: readonly string[], options: { end?: boolean; maxLength?: number } = {}): Seen {
  const seen: Seen = { events: [], lines: [], oversize: 0 };
  const decoder = decodeEvents(
    {
      onEvent: (event) => seen.events.push(event),
      onUnknownLine: (line) => seen.lines.push(line),
      onOversize: () => {
        seen.oversize += 1;
      },
    },
    options.maxLength,
  );
  for (const piece of pieces) decoder.feed(piece);
  if (options.end) decoder.end();
  return seen;
}

function datas(seen: Seen): string[] {
  return seen.events.map((event) => event.data);
}

describe('encodeEvent', () => {
  it('writes the fields in a fixed order', () => {
    expect(encodeEvent({ event: 'delta', id: '1-2', data: '{"a":1}' })).toBe(
      'event: delta\nid: 1-2\ndata: {"a":1}\n\n',
    );
    expect(encodeEvent({ data: '' })).toBe('data: \n\n');
  });

  it('writes every line of the data as a line of data, whatever its line ends', () => {
    expect(encodeEvent({ data: 'a\nb\r\nc\rd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n');
  });

  it('refuses an event name or id that would forge other fields', () => {
    expect(() => encodeEvent({ event: 'a\ndata: forged', data: '' })).toThrow(TypeError);
    expect(() => encodeEvent({ id: '1\r', data: '' })).toThrow(TypeError);
  });

  it.each(['', ' leading space', 'data: x', 'a\n\nb', '\n', 'ü 🙂', '[DONE]'])(
    'is undone by decodeEvents: %j',
    (data) => {
      expect(decode([encodeEvent({ event: 'x', id: '7', data })]).events).toEqual([
        { event: 'x', id: '7', data },
      ]);
    },
  );
});

describe('decodeEvents', () => {
  const lines = [
    ': comment',
    'event: a',
    'data: one',
    'data:two',
    'id: 3',
    '',
    'error: {"x":1}',
    '{"bare":1}',
    'data: ü🙂',
    '',
    '',
  ];

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('reports the same however a stream with %s line ends is cut', (_name, lineEnd) => {
    const stream = lines.join(lineEnd);
    const whole = decode([stream, '\n']);
    expect(whole.events).toEqual([
      { event: 'a', id: '3', data: 'one\ntwo' },
      { event: undefined, id: undefined, data: 'ü🙂' },
    ]);
    expect(whole.lines).toEqual(['error: {"x":1}', '{"bare":1}']);
    for (let at = 0; at <= stream.length; at += 1) {
      expect(decode([stream.slice(0, at), stream.slice(at), '\n']), `cut at ${at}`).toEqual(whole);
    }
    expect(decode([...stream.split(''), '\n'])).toEqual(whole);
  });

  it('skips a byte order mark', () => {
    expect(datas(decode(['\uFEFFdata: a\n\n']))).toEqual(['a']);
  });

  it('drops an event without its blank line, unless told that the stream has ended', () => {
    expect(datas(decode(['data: a\n\ndata: b\n']))).toEqual(['a']);
    expect(datas(decode(['data: a\n\ndata: b\n'], { end: true }))).toEqual(['a', 'b']);
    expect(datas(decode(['data: a\n\ndata: b\r'], { end: true }))).toEqual(['a', 'b']);
    expect(datas(decode(['data: a\n\nda', 'ta: b'], { end: true }))).toEqual(['a', 'b']);
    expect(datas(decode(['data: a\n\n'], { end: true }))).toEqual(['a']);
  });

  it.each([
    ['in one piece', ['data: 0123456789\n\n']],
    ['in a line that never ends', ['data: 012', '345', '6789']],
    ['in many lines', ['data: 0123\n', 'data: 4567\n', 'data: 89\n']],
    ['in a comment that never ends', [': 012', '345', '6789']],
  ])('reports once that an event is too long, %s, and nothing after it', (_name, pieces) => {
    const seen = decode(['data: ok\n\n', ...pieces, '\n\ndata: later\n\n'], { maxLength: 9, end: true });
    expect(datas(seen)).toEqual(['ok']);
    expect(seen.oversize).toBe(1);
  });
});
