import { describe, expect, it } from 'vitest';
import { type Framing, type FramingSink, LONGEST_MESSAGE } from '../../src/providers/transport/framing.ts';
import { JsonFraming } from '../../src/providers/transport/json-framing.ts';
import { NdjsonFraming } from '../../src/providers/transport/ndjson-framing.ts';
import { SseFraming } from '../../src/providers/transport/sse-framing.ts';

type Make = (sink: FramingSink) => Framing;

/** What a framing reports of these pieces, a line each. */
function report(make: Make, ...pieces: (string | Uint8Array)[]): string[] {
  const told: string[] = [];
  const framing = make({
    onMessage: (data, event) => told.push(event === null ? `message ${data}` : `${event} ${data}`),
    onWhole: (data) => told.push(`whole ${data}`),
    onError: (payload) => told.push(`error ${JSON.stringify(payload)}`),
    onStray: (line) => told.push(`stray ${line}`),
    onBroken: (what) => told.push(`broken ${what}`),
  });
  for (const piece of pieces) framing.feed(typeof piece === 'string' ? Buffer.from(piece) : piece);
  framing.end();
  return told;
}

const json: Make = (sink) => new JsonFraming(sink);
const lines: Make = (sink) => new NdjsonFraming(sink);
const events: Make = (sink) => new SseFraming(sink);

describe('every framing', () => {
  it.each([
    ['events', events, ': hi\r\nevent: a\rdata: ü\n\ndata:🙂\r\n\r\nnonsense: 1\n\n'],
    ['lines', lines, '{"a":"ü"}\n\n {"b":"🙂"}\r\n{"c":1}'],
    ['an array', json, ' [{"a":"]}\\"ü\\\\"},\r\n{"b":[[1,{}],"🙂"]} , {}]\n'],
    ['a document', json, '{"a": ["ü", {}]}'],
  ])('reads %s the same wherever it is cut', (_name, make, text) => {
    const bytes = Buffer.from(text);
    const whole = report(make, bytes);
    expect(whole.length).toBeGreaterThan(0);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(report(make, bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    }
    expect(report(make, ...[...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it.each([
    ['events', events, 'data: '],
    ['lines', lines, ''],
    ['an array', json, '[{"a":"'],
    ['a document', json, '{"a":"'],
  ])('gives up on a message of %s that never ends, and says so once', (_name, make, start) => {
    const half = 'x'.repeat(LONGEST_MESSAGE / 2 + 1);
    expect(report(make, start, half, half, half)).toEqual([expect.stringMatching(/^broken .*16 MiB/)]);
  });
});

describe('an array of JSON', () => {
  it('has its items as messages, each as soon as it is whole', () => {
    const told: string[] = [];
    const nothing = (): void => {};
    const framing = new JsonFraming({
      onMessage: (data) => told.push(data),
      onWhole: nothing,
      onError: nothing,
      onStray: nothing,
      onBroken: nothing,
    });
    framing.feed(Buffer.from('[{"a":1}'));
    expect(told).toEqual(['{"a":1}']);
    framing.feed(Buffer.from('\r\n,\r\n{"b":"}]'));
    expect(told).toEqual(['{"a":1}']);
    framing.feed(Buffer.from('"}'));
    expect(told).toEqual(['{"a":1}', '{"b":"}]"}']);
  });

  it('that is cut off gives what it has', () => {
    expect(report(json, '[{"a":1},{"b"')).toEqual(['message {"a":1}', 'message {"b"']);
    expect(report(json, '[')).toEqual([]);
    expect(report(json, '')).toEqual([]);
  });
});

describe('lines of JSON', () => {
  it('may be blank, and the last may lack its end', () => {
    expect(report(lines, '1\n\n \n2\r\n3')).toEqual(['message 1', 'message 2\r', 'message 3']);
  });
});
