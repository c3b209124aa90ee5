import type { Dispatcher } from 'undici';
import { SluiceError } from '../../core/errors.ts';
import type { CallWatch } from './call-watch.ts';
import { LONGEST_MESSAGE } from './framing.ts';

type Body = Dispatcher.ResponseData['body'];

/** How much of an error body is read, in bytes. */
const ERROR_BODY_BYTES = 64 * 1024;

/** The whole body of an answer that is no stream. Throws what `watch` makes of a failure, and for more than 16 MiB. */
export async function readWhole(body: Body, provider: string, watch: CallWatch): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      parts.push(bytes);
      size += bytes.length;
      if (size > LONGEST_MESSAGE) break;
    }
  } catch (thrown) {
    throw watch.explain(thrown, 'answer');
  }
  if (size <= LONGEST_MESSAGE) return Buffer.concat(parts).toString('utf8');
  throw new SluiceError('upstream_invalid_response', `${provider} sent an answer of more than 16 MiB`);
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
