import type { Response } from 'express';
import type { Limits } from '../config/config.ts';
import type { Metrics } from '../metrics.ts';
import type { Closing } from './closing.ts';
import { goneSignal, whenGone } from './gone-signal.ts';

/** Ms between two rounds over all open streams, at most. */
const ROUND = 1000;

/** All open event streams of a process: one timer beats for those that are silent and drops those that stall. */
export class SseResponses {
  readonly #open = new Set<SseResponse>();
  readonly #metrics: Metrics;
  readonly #stallTimeout: number;
  /** Ms without a write after which a stream gets a comment. */
  readonly #silence: number;
  readonly #timer: NodeJS.Timeout;
  readonly #closing: Closing;

  constructor(
    metrics: Metrics,
    { readerStallTimeout, keepAlive }: Pick<Limits, 'readerStallTimeout' | 'keepAlive'>,
    closing: Closing,
  ) {
    this.#closing = closing;
    this.#metrics = metrics;
    this.#stallTimeout = 1000 * readerStallTimeout;
    const round = Math.min(ROUND, 500 * keepAlive);
    // Heard of a round early rather than late.
    this.#silence = 1000 * keepAlive - round;
    this.#timer = setInterval(() => this.#round(performance.now()), round);
    this.#timer.unref();
  }

  /** Takes over an Express response. Headers leave with the first frame, or by `flushHeaders`. */
  open(response: Response): SseResponse {
    const stream = new SseResponse(response, this.#closing);
    this.#open.add(stream);
    this.#metrics.readers.inc();
    whenGone(response, () => {
      this.#open.delete(stream);
      this.#metrics.readers.dec();
    });
    return stream;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #round(now: number): void {
    for (const stream of this.#open) {
      if (stream.stalledSince !== null && now - stream.stalledSince > this.#stallTimeout) {
        this.#metrics.readersDropped.inc();
        stream.drop();
      } else if (now - stream.lastWrite > this.#silence) {
        stream.beat();
      }
    }
  }
}

/**
 * One event stream. `write` holds its caller back while the reader's socket is full, so a slow reader costs
 * one batch of memory, never a queue of them.
 */
export class SseResponse {
  readonly #response: Response;
  /** Aborts when the reader is gone, the stream has ended, or the server closes. */
  readonly gone: AbortSignal;
  lastWrite = performance.now();
  stalledSince: number | null = null;

  constructor(response: Response, closing: Closing) {
    this.#response = response;
    this.gone = goneSignal(response, closing);
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  flushHeaders(): void {
    this.#begin();
    this.#response.flushHeaders();
    this.lastWrite = performance.now();
  }

  /** Sends frames; a promise means: wait for it before the next. */
  write(frames: string): Promise<void> | null {
    if (this.gone.aborted) return null;
    this.#begin();
    this.lastWrite = performance.now();
    this.#gather();
    return this.#response.write(frames) ? null : this.#drained();
  }

  /** A comment, without the blank line that would make some clients dispatch an empty event. */
  beat(): void {
    if (this.stalledSince === null && this.#response.headersSent) this.write(': keep-alive\n');
  }

  end(frames?: string): void {
    this.#begin();
    this.#response.end(frames);
  }

  /** Cuts the connection; the reader can resume from the last event it has. */
  drop(): void {
    this.#response.destroy();
  }

  /** Not before there is something to say: until then the answer may still become an error of its own. */
  #begin(): void {
    if (!this.#response.headersSent) beginGrowing(this.#response, 'text/event-stream');
  }

  /** What is written in one turn of the event loop leaves together: a last delta and the end, say. */
  #gather(): void {
    // The socket, not the response: a corked response loses what it holds when it is ended.
    const { socket } = this.#response;
    if (socket === null || socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  async #drained(): Promise<void> {
    this.stalledSince ??= performance.now();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#response.on('close', done);
    });
    this.stalledSince = null;
  }
}

/** Sets the head of an answer that grows, and that nobody on the way may hold back or change. */
export function beginGrowing(response: Response, type: 'text/event-stream' | 'application/json'): void {
  response.status(200);
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
}
