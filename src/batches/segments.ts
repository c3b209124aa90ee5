import type { Readable } from 'node:stream';
import type { LineResult } from '../core/batch.ts';

/** The folder of a batch's segments. */
export function segmentFolder(batchId: string): string {
  return `batches/${batchId}`;
}

/** A name that only one feeder can write: a later one has another epoch. */
export function segmentKey(batchId: string, epoch: number, number: number): string {
  return `${segmentFolder(batchId)}/${epoch}-${number}.jsonl`;
}

/** Results that are written in one go. */
const TOGETHER = 16;

/** A segment's bytes, some results at a time. */
export async function* encodeResults(results: readonly LineResult[]): AsyncGenerator<Buffer> {
  for (let start = 0; start < results.length; start += TOGETHER) {
    const some = results.slice(start, start + TOGETHER);
    yield Buffer.from(some.map((result) => `${JSON.stringify(result)}\n`).join(''));
  }
}

const LINE_BREAK = 0x0a;

/** Reads a segment, result by result. */
export async function* decodeResults(segment: Readable): AsyncGenerator<LineResult> {
  let rest: Buffer[] = [];
  for await (const chunk of segment as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
      yield JSON.parse(line.toString()) as LineResult;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}
