import type { Readable } from 'node:stream';
import { type BlobStore, BlobsUnavailable } from '../blobs/blob-store.ts';
import type { Cursor, InputPlace } from '../store/batches/batch-feed.ts';
import { segmentFolder } from './segments.ts';

const LINE_BREAK = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Space, tab, line break, carriage return. */
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where a batch has its input: a copy, because clients may delete the file. */
export function inputKey(batchId: string): string {
  return `${segmentFolder(batchId)}/input.jsonl`;
}

/** The bytes of a batch's input, from `start` on, up to but without `end`. */
export async function openInput(
  blobs: BlobStore,
  batchId: string,
  start: number,
  end?: number,
): Promise<Readable> {
  const input = await blobs.read(inputKey(batchId), start, end);
  if (input === null) throw new BlobsUnavailable(new Error(`The input of ${batchId} is not there.`));
  return input;
}

/** A line of a batch's input that is not blank. Lines count from 1, blank ones included, as an editor counts them. */
export interface InputLine extends InputPlace {
  /** Without its line break; null: longer than the longest that is allowed. */
  readonly bytes: Buffer | null;
}

/** The lines of an input that begins at `from`, one at a time: no more than the longest is held in memory. */
export async function* readLines(input: Readable, from: Cursor, longest: number): AsyncGenerator<InputLine> {
  let { line, offset } = from;
  let parts: Buffer[] = [];
  let length = 0;
  const finish = (last: Buffer): InputLine | null => {
    line += 1;
    const size = length + last.length;
    const bytes = size > longest ? null : unmarked(Buffer.concat([...parts, last]), offset);
    const place = { line, offset, length: size };
    offset += size + 1;
    parts = [];
    length = 0;
    return bytes?.every((byte) => WHITE_SPACE.has(byte)) ? null : { ...place, bytes };
  };
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
      const found = finish(chunk.subarray(start, end));
      start = end + 1;
      if (found !== null) yield found;
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    if (length <= longest) parts.push(rest);
    else parts = [];
  }
  const found = length > 0 ? finish(Buffer.alloc(0)) : null;
  if (found !== null) yield found;
}

/** The bytes at `offset` of an input without a byte order mark, which is how some editors begin a file. */
export function unmarked(bytes: Buffer, offset: number): Buffer {
  const isMarked = offset === 0 && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}
