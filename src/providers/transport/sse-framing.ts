import { decodeEvents, type EventDecoder } from '../../core/sse.ts';
import { type Framing, type FramingSink, LONGEST_MESSAGE } from './framing.ts';

/** Server-sent events: `text/event-stream`, in the format of the WHATWG HTML standard, section 9.2. */
export class SseFraming implements Framing {
  readonly #utf8 = new TextDecoder();
  readonly #events: EventDecoder;

  constructor(sink: FramingSink) {
    this.#events = decodeEvents(
      {
        onEvent: ({ data, event }) => sink.onMessage(data, event ?? null),
        onUnknownLine: (line) => sink.onStray(line),
        onOversize: () => sink.onBroken('sent an event of more than 16 MiB'),
      },
      LONGEST_MESSAGE,
    );
  }

  feed(bytes: Uint8Array): void {
    this.#events.feed(this.#utf8.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#events.feed(this.#utf8.decode());
    this.#events.end();
  }
}
