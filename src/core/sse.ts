import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One server-sent event to write. `event` and `id` are single lines; `data` may be any text. */
export interface OutgoingEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}

/** One server-sent event as it was read; `event` and `id` are absent where the stream had none. */
export type IncomingEvent = EventSourceMessage;

/** What {@link decodeEvents} reports, in the order of the stream. */
export interface EventCallbacks {
  onEvent(event: IncomingEvent): void;
  /** A line whose field the format does not know, whole: where servers put what they fail to frame. */
  onUnknownLine?(line: string): void;
  /** An event passed `maxLength`. Nothing is reported after this. */
  onOversize?(): void;
}

/** Reads one stream of events. */
export interface EventDecoder {
  /** Takes the next piece of the stream; pieces may be cut anywhere. */
  feed(text: string): void;
  /**
   * Reports an event that the end of the stream cut off before its blank line. The standard drops it:
   * call this only where the data itself tells whether it is whole.
   */
  end(): void;
}

const LINE_END = /\r\n|\r|\n/;

/**
 * Writes one event in the format of the WHATWG HTML standard, section 9.2. Throws a TypeError when
 * `event` or `id` has a line end, which would let it forge other fields.
 */
export function encodeEvent(event: OutgoingEvent): string {
  const { data } = event;
  let text = '';
  if (event.event !== undefined) text += `event: ${singleLine(event.event)}\n`;
  if (event.id !== undefined) text += `id: ${singleLine(event.id)}\n`;
  if (!LINE_END.test(data)) return `${text}data: ${data}\n\n`;
  for (const line of data.split(LINE_END)) text += `data: ${line}\n`;
  return `${text}\n`;
}

function singleLine(value: string): string {
  if (LINE_END.test(value)) throw new TypeError('The name or id of an event must be a single line.');
  return value;
}

/** Reads a stream of events. `maxLength` bounds one event, in UTF-16 units; the default is 16 Mi. */
export function decodeEvents(callbacks: EventCallbacks, maxLength = 16 * 1024 * 1024): EventDecoder {
  return new LineBufferedDecoder(callbacks, maxLength);
}

/**
 * Hands the parser whole lines only. Given part of a line whose field it does not know, the parser skips
 * the line without a report, so what is reported would depend on how the stream was cut.
 */
class LineBufferedDecoder implements EventDecoder {
  readonly #parser: ReturnType<typeof createParser>;
  readonly #callbacks: EventCallbacks;
  readonly #maxLength: number;
  readonly #pending: string[] = [];
  #pendingLength = 0;
  #oversize = false;

  constructor(callbacks: EventCallbacks, maxLength: number) {
    this.#callbacks = callbacks;
    this.#maxLength = maxLength;
    this.#parser = createParser({
      maxBufferSize: maxLength,
      onEvent: (event) => {
        if (event.data.length > maxLength) this.#overflow();
        else if (!this.#oversize) callbacks.onEvent(event);
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.#overflow();
        else if (error.type === 'unknown-field' && !this.#oversize)
          callbacks.onUnknownLine?.(error.line ?? '');
      },
    });
  }

  feed(text: string): void {
    if (this.#oversize) return;
    const end = endOfLastLine(text);
    if (end > 0) {
      this.#parser.feed(this.#takePending() + (end === text.length ? text : text.slice(0, end)));
      if (this.#oversize) return;
    }
    if (end === text.length) return;
    this.#pending.push(end === 0 ? text : text.slice(end));
    this.#pendingLength += text.length - end;
    if (this.#pendingLength > this.#maxLength) this.#overflow();
  }

  end(): void {
    if (!this.#oversize) this.#parser.feed(`${this.#takePending()}\n\n`);
  }

  #takePending(): string {
    if (this.#pendingLength === 0) return '';
    const text = this.#pending.join('');
    this.#pending.length = 0;
    this.#pendingLength = 0;
    return text;
  }

  #overflow(): void {
    if (this.#oversize) return;
    this.#oversize = true;
    this.#takePending();
    this.#callbacks.onOversize?.();
  }
}

function endOfLastLine(text: string): number {
  if (text.endsWith('\n')) return text.length;
  return Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
}
