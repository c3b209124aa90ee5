import { beforeEach, describe, expect, it } from 'vitest';
import { EventStreamFraming } from '../../src/providers/transport/eventstream-framing.ts';
import { chunkFrame, eventFrame, exceptionFrame, frame } from '../support/eventstream.ts';

type Told = readonly [what: 'message' | 'error' | 'broken' | 'other', ...details: unknown[]];

let told: Told[] = [];
let framing: EventStreamFraming;

beforeEach(() => {
  told = [];
  framing = newFraming();
});

function newFraming(): EventStreamFraming {
  return new EventStreamFraming({
    onMessage: (data, event) => told.push(['message', event, data === '' ? null : JSON.parse(data)]),
    onError: (payload) => told.push(['error', payload]),
    onBroken: (what) => told.push(['broken', what]),
    onWhole: (data) => told.push(['other', data]),
    onStray: (line) => told.push(['other', line]),
  });
}

const start = eventFrame('messageStart', { role: 'assistant' });
const delta = eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüße 🙂' } });
const both: Told[] = [
  ['message', 'messageStart', { role: 'assistant', p: 'abcdefghij' }],
  ['message', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüße 🙂' }, p: 'abcdefghij' }],
];

describe('AWS event stream framing', () => {
  it('finds several frames in one piece', () => {
    framing.feed(Buffer.concat([start, delta]));
    expect(told).toEqual(both);
  });

  it('finds frames cut between any two bytes', () => {
    const bytes = Buffer.concat([start, delta]);
    for (let at = 1; at < bytes.length; at += 1) {
      told = [];
      framing.feed(bytes.subarray(0, at));
      framing.feed(bytes.subarray(at));
      expect(told).toEqual(both);
    }
  });

  it('finds frames in single bytes', () => {
    for (const byte of Buffer.concat([start, delta, start])) framing.feed(Buffer.of(byte));
    expect(told).toHaveLength(3);
    expect(told.slice(0, 2)).toEqual(both);
  });

  it('tells a frame as soon as it is whole, and nothing of half a one', () => {
    framing.feed(Buffer.concat([start, delta.subarray(0, -1)]));
    expect(told).toEqual(both.slice(0, 1));
    framing.end();
    expect(told).toEqual(both.slice(0, 1));
  });

  it('reads a frame without headers and payload', () => {
    framing.feed(Buffer.concat([frame({}, ''), frame({}, '')]));
    expect(told).toEqual([
      ['message', null, null],
      ['message', null, null],
    ]);
  });

  it('tells an exception with its type, and what the model behind it said', () => {
    const body = { message: 'The model failed.', originalStatusCode: 500, originalMessage: 'CUDA' };
    const headers = { ':message-type': 'exception', ':exception-type': 'modelStreamErrorException' };
    framing.feed(exceptionFrame('throttlingException', 'Too many requests.'));
    framing.feed(frame(headers, JSON.stringify(body)));
    framing.feed(frame(headers, 'not JSON'));
    framing.feed(frame(headers, '{"Message":"Upper case."}'));
    expect(told).toEqual([
      ['error', { error: { type: 'throttlingException', message: 'Too many requests.' } }],
      ['error', { error: { type: 'modelStreamErrorException', message: 'The model failed.: CUDA' } }],
      ['error', { error: { type: 'modelStreamErrorException', message: 'not JSON' } }],
      ['error', { error: { type: 'modelStreamErrorException', message: 'Upper case.' } }],
    ]);
  });

  it('tells an error with the code and the message of its headers', () => {
    const headers = {
      ':message-type': 'error',
      ':error-code': 'InternalFailure',
      ':error-message': 'Something went wrong.',
    };
    framing.feed(frame(headers, ''));
    expect(told).toEqual([
      ['error', { error: { type: 'InternalFailure', message: 'Something went wrong.' } }],
    ]);
  });

  it.each([
    ['the length', 2],
    ['the length of the headers', 6],
    ['the checksum of both', 9],
  ])('breaks off where %s is damaged, without waiting for more', (_what, at) => {
    const bytes = Buffer.from(chunkFrame({ a: 1 }));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    framing.feed(bytes.subarray(0, 12));
    expect(told).toEqual([['broken', 'sent something else than frames of an event stream']]);
  });

  it.each([
    ['a header', 20],
    ['the payload', -20],
    ['the checksum', -1],
  ])('breaks off where %s is damaged, after what came before', (_what, place) => {
    const bytes = Buffer.from(delta);
    const at = place < 0 ? bytes.length + place : place;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    framing.feed(Buffer.concat([start, bytes, start]));
    expect(told).toEqual([both[0], ['broken', expect.stringMatching(/^sent a damaged frame: .*checksum/)]]);
    framing.feed(start);
    framing.end();
    expect(told).toHaveLength(2);
  });

  it('breaks off what is no event stream at all', () => {
    framing.feed(Buffer.from('<!doctype html><title>Bad gateway</title>'));
    framing.feed(start);
    expect(told).toEqual([['broken', 'sent something else than frames of an event stream']]);
  });

  it('breaks off a frame of more than 16 MiB at its beginning', () => {
    const small = frame({}, 'x'.repeat(16 * 1024 * 1024 - 16));
    framing.feed(small.subarray(0, 12));
    expect(told).toEqual([]);
    const large = frame({}, 'x'.repeat(16 * 1024 * 1024 - 15));
    newFraming().feed(large.subarray(0, 12));
    expect(told).toEqual([['broken', 'sent a frame of more than 16 MiB']]);
  });
});
