import { EventStreamFraming } from '../transport/eventstream-framing.ts';
import type { Framing, FramingSink } from '../transport/framing.ts';
import type { StreamDecoder } from '../transport/http-client.ts';
import { JsonFraming } from '../transport/json-framing.ts';
import { NdjsonFraming } from '../transport/ndjson-framing.ts';
import { SseFraming } from '../transport/sse-framing.ts';
import { Answer } from './answer.ts';
import { AnswerDecoder, type AnswerReader } from './answer-decoder.ts';

type MakeFraming = (sink: FramingSink) => Framing;

/** How answers are cut into messages, by the media type that they come with. */
const FRAMINGS: ReadonlyMap<string, MakeFraming> = new Map<string, MakeFraming>([
  ['text/event-stream', (sink) => new SseFraming(sink)],
  ['application/json', (sink) => new JsonFraming(sink)],
  ['application/x-ndjson', (sink) => new NdjsonFraming(sink)],
  ['application/jsonl', (sink) => new NdjsonFraming(sink)],
  ['application/vnd.amazon.eventstream', (sink) => new EventStreamFraming(sink)],
]);

/** A decoder for an answer of this `content-type`; null if nothing here reads such. */
export function decoderFor(
  provider: string,
  contentType: string,
  read: (answer: Answer) => AnswerReader,
): StreamDecoder | null {
  const [mediaType = ''] = contentType.split(';');
  const framing = FRAMINGS.get(mediaType.trim().toLowerCase());
  if (framing === undefined) return null;
  const answer = new Answer(provider);
  return new AnswerDecoder(answer, read(answer), framing);
}
