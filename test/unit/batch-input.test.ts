import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readLines, unmarked } from '../../src/batches/input.ts';
import {
  batchIdOf,
  isBatchId,
  lineJobId,
  lineOf,
  newBatchId,
  publicBatchId,
} from '../../src/core/batch-id.ts';
import { isJobId } from '../../src/core/job-id.ts';
import { decodePlace, encodePlace, placeIn, placeRange } from '../../src/store/batches/place.ts';

interface Found {
  readonly line: number;
  readonly offset: number;
  readonly length: number;
  readonly text: string | null;
}

async function read(chunks: readonly Uint8Array[], from = { line: 0, offset: 0 }, longest = 100) {
  const found: Found[] = [];
  const input = Readable.from(chunks.map((bytes) => Buffer.from(bytes)));
  for await (const { bytes, ...place } of readLines(input, from, longest)) {
    found.push({ ...place, text: bytes?.toString('latin1') ?? null });
  }
  return found;
}

const whole = (text: string, longest?: number) => read([Buffer.from(text)], undefined, longest);

describe('the lines of an input', () => {
  const rows: [string, string, [number, number, number, string | null][]][] = [
    [
      'are counted from 1, with their bytes',
      'a\nbé\n',
      [
        [1, 0, 1, 'a'],
        [2, 2, 3, 'bÃ©'],
      ],
    ],
    [
      'need no line break at the end',
      'a\nb',
      [
        [1, 0, 1, 'a'],
        [2, 2, 1, 'b'],
      ],
    ],
    [
      'keep a carriage return',
      'a\r\nb\r\n',
      [
        [1, 0, 2, 'a\r'],
        [2, 3, 2, 'b\r'],
      ],
    ],
    [
      'are counted over blank ones',
      '\n \t\r\na\n\n\nb\n',
      [
        [3, 5, 1, 'a'],
        [6, 9, 1, 'b'],
      ],
    ],
    [
      'begin after a byte order mark',
      '\ufeffa\n\ufeffb',
      [
        [1, 0, 4, 'a'],
        [2, 5, 4, 'ï»¿b'],
      ],
    ],
    ['are none in what is blank', '\ufeff\n \n', []],
    ['are none in nothing', '', []],
  ];

  test.each(rows)('%s', async (_, text, lines) => {
    const expected = lines.map(([line, offset, length, found]) => ({ line, offset, length, text: found }));
    expect(await whole(text)).toEqual(expected);
  });

  test.each([1, 3, 7, 100])('are passed over where they are too long, in chunks of %i', async (size) => {
    const bytes = Buffer.from('12345\n123456\n12345\n1234567890');
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(size * index, size * (index + 1)),
    );
    const texts = (await read(chunks, undefined, 5)).map(({ text }) => text);
    expect(texts).toEqual(['12345', null, '12345', null]);
  });

  test('are the same however the input is cut, and from any of them on', async () => {
    const text = fc.array(fc.constantFrom('\n', '\r\n', ' ', 'a', 'é', '\ufeff', '{"b":1}', 'x'.repeat(9)));
    const cuts = fc.array(fc.nat(80), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(text, cuts, fc.nat(), async (parts, at, which) => {
        const bytes = Buffer.from(parts.join(''));
        const lines = await read([bytes], undefined, 12);
        const borders = [0, ...at.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
        expect(await read(chunks, undefined, 12)).toEqual(lines);
        for (const { offset, length, text: line } of lines) {
          if (line === null) continue;
          const again = unmarked(bytes.subarray(offset, offset + length), offset);
          expect(again.toString('latin1')).toBe(line);
        }
        const last = lines[which % Math.max(1, lines.length)];
        if (last === undefined) return;
        const next = { line: last.line, offset: last.offset + last.length + 1 };
        const rest = await read([bytes.subarray(next.offset)], next, 12);
        expect(rest).toEqual(lines.slice(lines.indexOf(last) + 1));
      }),
    );
  });
});

describe('the ids of a batch', () => {
  test('and of its lines tell each other', () => {
    const id = newBatchId();
    expect(isBatchId(id)).toBe(true);
    for (const line of [1, 255, 16 ** 5 - 1]) {
      const jobId = lineJobId(id, line);
      expect(isJobId(jobId)).toBe(true);
      expect(lineOf(jobId)).toEqual({ batchId: id, line });
    }
    expect(batchIdOf('msgbatch_', publicBatchId('msgbatch_', id))).toBe(id);
    for (const no of [id, 'msgbatch_1', `msgbatch_${id.slice(6, -1)}1`]) {
      expect(batchIdOf('msgbatch_', no)).toBeNull();
    }
  });

  test('sort by the time of their creation', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const ids = Array.from({ length: 100 }, () => {
      vi.advanceTimersByTime(1);
      return newBatchId();
    });
    vi.useRealTimers();
    expect(ids.toSorted()).toEqual(ids);
  });
});

test('a place in the table is read as it was written', () => {
  for (const status of ['completed', 'failed', 'cancelled', 'expired'] as const) {
    for (const segment of [1, 256, 2 ** 24 - 1]) {
      const place = { status, segment };
      expect(decodePlace(encodePlace(place))).toEqual(place);
      const table = Buffer.concat([Buffer.alloc(8), encodePlace(place)]);
      expect([1, 2, 3, 4].map((line) => placeIn(table, line))).toEqual([null, null, place, null]);
    }
  }
  expect(placeRange(3)).toEqual([8, 11]);
});
