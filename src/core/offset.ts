/**
 * A place in a job's log: `<epoch>-<seq>`. It is the Redis stream id of a log entry and the SSE `id`
 * of a delta. `epoch` numbers the attempt (from 1), `seq` the entries and deltas within it (from 0,
 * which is always the attempt's opening entry).
 */
export interface Offset {
  readonly epoch: number;
  readonly seq: number;
}

/** The place before the first entry of every log. */
export const ORIGIN: Offset = { epoch: 0, seq: 0 };

/** How an offset is written. */
export const OFFSET = /^(0|[1-9]\d{0,14})-(0|[1-9]\d{0,14})$/;

/** Reads `<epoch>-<seq>`; null for anything else, so that the caller can answer in its own error shape. */
export function parseOffset(text: string): Offset | null {
  const match = OFFSET.exec(text);
  return match ? { epoch: Number(match[1]), seq: Number(match[2]) } : null;
}

export function formatOffset(offset: Offset): string {
  return `${offset.epoch}-${offset.seq}`;
}

/** Negative when `a` lies before `b`, 0 when they are the same place, positive when after. */
export function compareOffsets(a: Offset, b: Offset): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}
