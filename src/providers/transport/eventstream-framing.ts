import { crc32 } from 'node:zlib';
import { HeaderMarshaller, type MessageHeaders } from '@smithy/eventstream-codec';
import { type Framing, type FramingSink, LONGEST_MESSAGE } from './framing.ts';

/** The lengths of the frame and of its headers, and their checksum. */
const PRELUDE_BYTES = 12;
/** A frame with neither headers nor payload: the prelude and the checksum of the whole. */
const SHORTEST_FRAME = 16;

/** Of the whole frame, at its end. */
const CHECKSUM_BYTES = 4;

const utf8 = new TextDecoder();
const marshaller = new HeaderMarshaller(
  (bytes) => (typeof bytes === 'string' ? bytes : utf8.decode(bytes)),
  (text) => Buffer.from(text),
);

/** AWS's binary event streams, `application/vnd.amazon.eventstream`, as Bedrock sends them. */
export class EventStreamFraming implements Framing {
  readonly #sink: FramingSink;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** How many bytes have to be there before it is worth looking at them. */
  #needed = PRELUDE_BYTES;
  #broken = false;
  #lastHeaders: { readonly bytes: Buffer; readonly headers: MessageHeaders } | null = null;

  constructor(sink: FramingSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array): void {
    if (this.#broken) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length < this.#needed) return;
    let rest = Buffer.concat(this.#parts);
    this.#needed = this.#lengthOf(rest);
    while (rest.length >= this.#needed && !this.#broken) {
      this.#frame(rest.subarray(0, this.#needed));
      rest = rest.subarray(this.#needed);
      this.#needed = this.#lengthOf(rest);
    }
    this.#parts = [rest];
    this.#length = rest.length;
  }

  /** Half a frame is a truncation, which whoever judges the answer notices. */
  end(): void {}

  /** Of the frame that begins here; that of its prelude, while not even this is there. */
  #lengthOf(bytes: Buffer): number {
    if (this.#broken || bytes.length < PRELUDE_BYTES) return PRELUDE_BYTES;
    const length = bytes.readUInt32BE(0);
    if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8) || length < SHORTEST_FRAME) {
      this.#break('sent something else than frames of an event stream');
    } else if (length > LONGEST_MESSAGE) {
      this.#break('sent a frame of more than 16 MiB');
    }
    return length;
  }

  #frame(frame: Buffer): void {
    const body = frame.length - CHECKSUM_BYTES;
    const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
    if (headersEnd > body || crc32(frame.subarray(0, body)) !== frame.readUInt32BE(body)) {
      this.#break('sent a damaged frame: its checksum does not match');
      return;
    }
    const headers = this.#readHeaders(frame.subarray(PRELUDE_BYTES, headersEnd));
    if (headers !== null) this.#message(headers, frame.toString('utf8', headersEnd, body));
  }

  /** Nearly all frames of an answer have the same headers: reading them costs more than all the rest. */
  #readHeaders(bytes: Buffer): MessageHeaders | null {
    if (this.#lastHeaders?.bytes.equals(bytes)) return this.#lastHeaders.headers;
    try {
      const headers = marshaller.parse(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
      this.#lastHeaders = { bytes: Buffer.from(bytes), headers };
      return headers;
    } catch (cause) {
      this.#break(`sent a frame with damaged headers: ${(cause as Error).message}`);
      return null;
    }
  }

  #message(headers: MessageHeaders, text: string): void {
    const header = (name: string): string | null => {
      const value = headers[name]?.value;
      return typeof value === 'string' ? value : null;
    };
    const kind = header(':message-type');
    if (kind === 'exception') {
      this.#sink.onError({ error: { type: header(':exception-type'), message: messageIn(text) } });
    } else if (kind === 'error') {
      const message = header(':error-message') ?? messageIn(text);
      this.#sink.onError({ error: { type: header(':error-code'), message } });
    } else {
      this.#sink.onMessage(text, header(':event-type'));
    }
  }

  #break(what: string): void {
    this.#broken = true;
    this.#sink.onBroken(what);
  }
}

/** What an exception says, with what the model behind it said. */
function messageIn(text: string): string {
  try {
    const { message, Message, originalMessage } = JSON.parse(text) as Record<string, unknown>;
    const said = [message ?? Message, originalMessage].filter((part) => typeof part === 'string');
    return said.join(': ') || text;
  } catch {
    return text;
  }
}
