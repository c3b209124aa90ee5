import { LINE_STATUSES, type LineStatus } from '../../core/batch.ts';

/** Bytes that a line takes in the table of places: its status, and the number of its segment in the other three. */
const WIDTH = 4;

/** Where the result of a finished line is. */
export interface Place {
  readonly status: LineStatus;
  /** Segments count from 1. */
  readonly segment: number;
}

/** A table has a place a line, from line 1 on; lines that have not finished have zeros. */
export function encodePlace({ status, segment }: Place): Buffer {
  const bytes = Buffer.alloc(WIDTH);
  bytes.writeUInt32BE(segment);
  bytes.writeUInt8(LINE_STATUSES.indexOf(status) + 1);
  return bytes;
}

/** The place of a line in the table; null if it has not finished. */
export function placeIn(table: Buffer, line: number): Place | null {
  const start = WIDTH * (line - 1);
  return start + WIDTH <= table.length ? decodePlace(table.subarray(start, start + WIDTH)) : null;
}

/** The bytes of a line in the table, as an inclusive range. */
export function placeRange(line: number): readonly [first: number, last: number] {
  return [WIDTH * (line - 1), WIDTH * line - 1];
}

/** Null for the zeros, or the lack, of a line that has not finished. */
export function decodePlace(bytes: Buffer): Place | null {
  if (bytes.length < WIDTH) return null;
  const status = LINE_STATUSES[bytes.readUInt8() - 1];
  return status === undefined ? null : { status, segment: bytes.readUIntBE(1, WIDTH - 1) };
}
