/**
 * Numbers the events of a stream, and writes those that its reader is to have. Numbers count every event of the log, so
 * they are the same for all readers.
 */
export class Events {
  /** While it is set, events are counted and not written. */
  muted = false;
  #next = 0;
  readonly #after: number;

  /** `after`: the number of the last event that the reader has; -1 for none. */
  constructor(after: number) {
    this.#after = after;
  }

  /** The number of the last event; -1 before the first. */
  get last(): number {
    return this.#next - 1;
  }

  /** One event. `fields`: its own, as JSON without the outer braces. */
  write(type: string, fields: string): string {
    return this.writePrepared(prepare(type), `,${fields}`, '}\n\n');
  }

  /** One event of fields that are not JSON yet. */
  writeFields(type: string, fields: object): string {
    return this.write(type, JSON.stringify(fields).slice(1, -1));
  }

  /** One event of those that come in thousands: what is the same in all of them has been put together once. */
  writePrepared(head: string, fields: string, tail: string): string {
    const number = this.#next;
    this.#next += 1;
    return this.muted || number <= this.#after ? '' : head + number + fields + tail;
  }
}

/** An event up to its number. JSON has no line breaks, so the frame needs no splitting. */
export function prepare(type: string): string {
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
}
