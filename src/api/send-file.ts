import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { SluiceError } from '../core/errors.ts';
import type { StoredFile } from '../core/stored-file.ts';

/**
 * Sends a file's bytes, or the range of them that was asked for, as fast as the client takes them. False: `read` has none.
 *
 * `stall`: ms without a byte after which a client is given up. They are somebody else's, and may be a page or a script: no browser is to show or to run them.
 */
export async function sendFile(
  request: Request,
  response: Response,
  { bytes, filename }: StoredFile,
  stall: number,
  read: (start: number, end: number) => Promise<Readable | null>,
): Promise<boolean> {
  const { start, end } = rangeOf(request, response, bytes);
  const content = await read(start, end);
  if (content === null) return false;
  response.attachment(filename);
  response.setHeader(
    'Content-Type',
    /\.jsonl$/i.test(filename) ? 'application/jsonl' : 'application/octet-stream',
  );
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Length', end - start);
  if (end - start < bytes) {
    response.status(206).setHeader('Content-Range', `bytes ${start}-${end - 1}/${bytes}`);
  }
  if (request.method === 'HEAD') {
    content.destroy();
    response.end();
    return true;
  }
  // Who has gone away wants nothing; whom the storage fails gets a connection that breaks, not an end.
  response.setTimeout(stall, () => response.destroy());
  await pipeline(content, response).catch(() => response.destroy());
  response.setTimeout(0);
  return true;
}

/** Of several ranges, which would need an answer of several parts, the file as a whole: HTTP allows that. */
function rangeOf(request: Request, response: Response, bytes: number): { start: number; end: number } {
  const whole = { start: 0, end: bytes };
  const ranges = request.range(bytes);
  if (ranges === -1 && bytes > 0) {
    response.setHeader('Content-Range', `bytes */${bytes}`);
    throw new SluiceError('invalid_range', `The file has ${bytes} bytes, and none in the range asked for.`, {
      param: 'Range',
    });
  }
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return whole;
  const [range] = ranges;
  return range === undefined ? whole : { start: range.start, end: range.end + 1 };
}
