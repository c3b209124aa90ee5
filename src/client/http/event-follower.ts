import { createParser } from 'eventsource-parser';
import type { IncomingEvent } from '../../core/sse.ts';
import { APIError } from '../errors.ts';
import { Patience } from './patience.ts';
import type { Transport } from './transport.ts';
import { sleep, timerOf } from './waiting.ts';

/** What to follow. */
export interface Following {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The id of the last event that has been taken; undefined: none has. Asked at every connection. */
  lastId(): string | undefined;
  /** A connection stands, the first one or another one. */
  readonly onOpen?: (() => void) | undefined;
  readonly jobId: string | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The events of a stream that ends only when its server has no more, however often the connection breaks in
 * between: reconnects behind the last event, with backoff and jitter. Who has seen the last one stops reading.
 *
 * @throws {APIError} what the server says that another try would not change; the last failure, once
 * `reconnectFor` has passed without a sign of life.
 */
export class EventFollower {
  readonly #transport: Transport;
  readonly #following: Following;
  #again = false;

  constructor(transport: Transport, following: Following) {
    this.#transport = transport;
    this.#following = following;
  }

  /** Drops the connection, and goes on with another one behind `lastId`. */
  reconnect(): void {
    this.#again = true;
  }

  async *events(): AsyncGenerator<IncomingEvent> {
    const { signal } = this.#following;
    const patience = new Patience(this.#transport.reconnectFor);
    for (;;) {
      try {
        const response = await this.#connect();
        // 204: nothing will ever follow.
        if (response === null) return;
        this.#following.onOpen?.();
        for await (const event of this.#read(response, patience)) {
          patience.renew();
          yield event;
          signal?.throwIfAborted();
          if (this.#again) break;
        }
        if (this.#again) this.#again = false;
        else
          patience.fail(
            this.#transport.unreachable(new Error('the stream broke off'), this.#following.jobId),
          );
      } catch (error) {
        signal?.throwIfAborted();
        patience.fail(error);
      }
      await sleep(patience.delay, signal);
    }
  }

  async #connect(): Promise<Response | null> {
    const { path, query, jobId, signal, lastId } = this.#following;
    const id = lastId();
    const response = await this.#transport.once(path, {
      ...(query && { query }),
      headers: { Accept: 'text/event-stream', ...(id !== undefined && { 'Last-Event-ID': id }) },
      signal,
      jobId,
    });
    if (response.status === 204) return null;
    const type = response.headers.get('content-type');
    if (type?.startsWith('text/event-stream')) return response;
    // A page of an app or a proxy would be read to its end again and again.
    response.body?.cancel().catch(() => {});
    const message = `${this.#transport.baseURL} sends ${type} in place of events. Is Sluice there?`;
    throw new APIError(message, { status: response.status, jobId });
  }

  async *#read(response: Response, patience: Patience): AsyncGenerator<IncomingEvent> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    const stall = new StallWatch(timerOf(this.#transport.stallTimeout), () =>
      reader.cancel().catch(() => {}),
    );
    const text = new TextDecoder();
    const events: IncomingEvent[] = [];
    // No limit of its own: what one event may hold, as a whole answer that was rebuilt, is the server's to say.
    const parser = createParser({ onEvent: (event) => events.push(event) });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        stall.sawLife();
        patience.sawLife();
        parser.feed(text.decode(value, { stream: true }));
        yield* events.splice(0);
      }
    } catch (error) {
      throw this.#transport.unreachable(error, this.#following.jobId);
    } finally {
      stall.stop();
      reader.cancel().catch(() => {});
    }
  }
}

/** Ends a connection that has gone silent: servers send comments where there is nothing to say. */
class StallWatch {
  readonly #timer: ReturnType<typeof setInterval>;
  #alive = true;

  constructor(ms: number, onStall: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#alive) onStall();
      this.#alive = false;
    }, ms);
  }

  sawLife(): void {
    this.#alive = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
