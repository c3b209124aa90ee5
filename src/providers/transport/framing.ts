/** What a framing finds in the bytes of an answer, in their order. */
export interface FramingSink {
  /** One message: an event, a line, an item of an array, a frame. `event` is its name where it has one. */
  onMessage(data: string, event: string | null): void;
  /** An answer that is one JSON value in place of a stream. */
  onWhole(data: string): void;
  /** The framing's own way of telling an error: its parsed body. */
  onError(payload: unknown): void;
  /** A line that belongs to no message: where servers put what they fail to frame. */
  onStray(line: string): void;
  /** The bytes cannot be what they should be: `sent an event of more than 16 MiB`. Nothing follows. */
  onBroken(what: string): void;
}

/** Cuts the bytes of one answer into messages. */
export interface Framing {
  /** Takes the next bytes; they may be cut anywhere. */
  feed(bytes: Uint8Array): void;
  /** The bytes have ended: reports what is left, which may be half a message. */
  end(): void;
}

/** The longest message that any framing accepts, in bytes or UTF-16 units. */
export const LONGEST_MESSAGE = 16 * 1024 * 1024;
