import type { Dispatcher } from 'undici';
import { SluiceError } from '../../core/errors.ts';
import type { CallWatch } from './call-watch.ts';

type Body = Dispatcher.ResponseData['body'];

/** How much of an error body is read, in bytes. */
const ERROR_BODY_BYTES = 64 * 1024;
const MEBIBYTE = 1024 * 1024;

/** The whole body of an answer that is no stream, of so many bytes at most. Throws what `watch` makes of a failure. */
export async function readWhole(
  body: Body,
  provider: string,
  watch: CallWatch,
  maxBytes: number,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      parts.push(bytes);
      size += bytes.length;
      if (size > maxBytes) break;
    }
  } catch (thrown) {
    throw watch.explain(thrown, 'answer');
  }
  if (size <= maxBytes) return Buffer.concat(parts).toString('utf8');
  const message = `${provider} sent an answer of more than ${Math.floor(maxBytes / MEBIBYTE)} MiB`;
  throw new SluiceError('upstream_invalid_response', message);
}

/**
 * The beginning of a body that is an error, or nothing that is known: what came of it within `timeout` ms, up to 64 KiB.
 */
export async function readBeginning(body: Body, timeout: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const timer = setTimeout(() => body.destroy(), timeout);
  try {
    for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      parts.push(bytes);
      size += bytes.length;
      if (size >= ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status says enough; a connection that breaks on top of it would only hide it.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(parts).subarray(0, ERROR_BODY_BYTES).toString('utf8');
}
