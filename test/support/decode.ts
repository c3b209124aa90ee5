import { decoderFor } from '../../src/providers/answer/decoders.ts';
import type { Format } from '../../src/providers/formats/format.ts';
import type { Outcome } from './provider-calls.ts';

/** Decodes the pieces of an answer as the HTTP client does. */
export function decode(
  format: Pick<Format, 'read'>,
  pieces: readonly (string | Uint8Array)[],
  contentType = 'text/event-stream',
): Outcome {
  const decoder = decoderFor('openai', contentType, (answer) => format.read(answer));
  if (decoder === null) throw new Error(`Nothing reads ${contentType}.`);
  for (const piece of pieces) {
    decoder.feed(typeof piece === 'string' ? Buffer.from(piece) : piece);
    if (decoder.failure || decoder.done) break;
  }
  decoder.end();
  return { deltas: decoder.deltas, error: decoder.failure };
}
