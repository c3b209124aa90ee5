import { EventStreamCodec } from '@smithy/eventstream-codec';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text),
);

/** A frame with these headers, all of them text, and this payload. */
export function frame(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value } as const]);
  return codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(payload) });
}

/** One event. `p` is padding, which hides how long the payload is. */
export function eventFrame(type: string, payload: object): Uint8Array {
  const headers = {
    ':event-type': type,
    ':content-type': 'application/json',
    ':message-type': 'event',
  };
  return frame(headers, JSON.stringify({ ...payload, p: 'abcdefghij' }));
}

/** An error that a service knows. */
export function exceptionFrame(type: string, message: string): Uint8Array {
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  return frame(headers, JSON.stringify({ message }));
}

/** A piece of a model's own answer, as Bedrock wraps it for InvokeModelWithResponseStream. */
export function chunkFrame(payload: object): Uint8Array {
  return eventFrame('chunk', { bytes: Buffer.from(JSON.stringify(payload)).toString('base64') });
}
