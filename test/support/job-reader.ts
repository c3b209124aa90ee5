import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeEvents } from '../../src/core/sse.ts';

/** One event of `GET /v1/jobs/{id}/events`, its data parsed. */
export interface JobEvent {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
  readonly data: any;
}

const TERMINAL = ['completed', 'failed', 'cancelled', 'expired'];

/** Reads one event stream to its end, or until `stop` says so after an event. */
export async function* readEvents(
  url: string,
  options: { readonly lastEventId?: string; readonly signal?: AbortSignal } = {},
): AsyncGenerator<JobEvent> {
  const response = await fetch(url, {
    headers: options.lastEventId === undefined ? {} : { 'Last-Event-ID': options.lastEventId },
    ...(options.signal && { signal: options.signal }),
  });
  if (response.status === 204) return;
  if (response.status !== 200) {
    throw new Refusal(`${url} answered ${response.status}: ${await response.text()}`);
  }
  if (response.body === null) throw new Error(`${url} answered without a body`);
  const events: JobEvent[] = [];
  const decoder = decodeEvents({
    onEvent: ({ event = 'message', id = '', data }) => events.push({ event, id, data: JSON.parse(data) }),
  });
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    decoder.feed(text);
    yield* events.splice(0);
  }
}

/**
 * A client that follows a job to its terminal event however often the connection breaks, and holds every
 * event against the contract: offsets without a gap, text anew with each attempt, one terminal event, a
 * digest that matches.
 */
export class JobReader {
  readonly events: JobEvent[] = [];
  /** Text of the attempt that is current. */
  text = '';
  /** Deltas of the attempt that is current. */
  deltas = 0;
  connections = 0;
  /** Streams that broke off: neither the terminal event nor the reader had ended them. */
  dropped = 0;
  #url = '';
  readonly #jobId: string;
  #epoch = 0;
  #seq = 0;
  #ended = false;

  constructor(base: string, jobId: string) {
    this.#jobId = jobId;
    this.moveTo(base);
  }

  /** Connects to another process from the next connection on. */
  moveTo(base: string): void {
    this.#url = `${base}/v1/jobs/${this.#jobId}/events`;
  }

  get lastEventId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  get terminal(): JobEvent | undefined {
    return this.#ended ? this.events.at(-1) : undefined;
  }

  /** Follows until the terminal event. `leave` is asked after each event whether to drop the connection now. */
  async follow(
    options: { leave?: (event: JobEvent) => boolean; signal?: AbortSignal } = {},
  ): Promise<JobEvent> {
    while (!this.#ended) {
      options.signal?.throwIfAborted();
      try {
        await this.connect(options.leave);
      } catch (error) {
        if (error instanceof Violation) throw error;
        await delay(50);
      }
    }
    return this.events.at(-1) as JobEvent;
  }

  /** One connection, from the last event seen until it breaks, ends, or `leave` says so. */
  async connect(leave?: (event: JobEvent) => boolean): Promise<void> {
    this.connections += 1;
    const controller = new AbortController();
    const { lastEventId } = this;
    const options = { signal: controller.signal, ...(lastEventId !== undefined && { lastEventId }) };
    let left = false;
    try {
      for await (const event of readEvents(this.#url, options)) {
        this.#take(event);
        left = leave?.(event) ?? false;
        if (left) return;
      }
    } catch (error) {
      // Nothing had begun that could break off.
      left = error instanceof Refusal || isUnreachable(error);
      throw error;
    } finally {
      controller.abort();
      if (!left && !this.#ended) this.dropped += 1;
    }
  }

  #take(event: JobEvent): void {
    const [epoch = Number.NaN, seq = Number.NaN] = event.id.split('-').map(Number);
    const problem = this.#problem(event, epoch, seq);
    this.events.push(event);
    if (problem) throw new Violation(`${problem}: ${JSON.stringify(this.events.slice(-3))}`);
    if (event.event === 'attempt') {
      this.text = '';
      this.deltas = 0;
    }
    if (event.event === 'delta') {
      this.deltas += 1;
      for (const choice of event.data.choices) this.text += choice.delta.content ?? '';
    }
    this.#epoch = epoch;
    this.#seq = seq;
    this.#ended = TERMINAL.includes(event.event);
  }

  #problem(event: JobEvent, epoch: number, seq: number): string | null {
    if (this.#ended) return 'an event after the terminal event';
    if (event.event === 'attempt') {
      return epoch === this.#epoch + 1 && seq === 0 ? null : 'an attempt that does not open the next epoch';
    }
    if (epoch !== this.#epoch) return 'an event of an epoch that no attempt opened';
    if (seq !== this.#seq + 1) return 'an offset that does not follow the one before';
    if (!TERMINAL.includes(event.event)) return null;
    const sha256 = createHash('sha256').update(this.text).digest('hex');
    const { digest } = event.data;
    return digest.sha256 === sha256 && digest.deltas === this.deltas ? null : 'a digest that does not match';
  }
}

/** The server answered, and not with a stream. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** The server broke the contract of the event stream. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
