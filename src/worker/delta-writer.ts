import { type Delta, weigh } from '../core/delta.ts';
import { Interruption } from '../core/interruption.ts';
import type { Offset } from '../core/offset.ts';
import type { AppendReply, DeltaLog } from '../store/delta-log.ts';

/** Bytes that may wait for the log before the provider is read no further; so much an entry may hold. */
const HIGH_WATER = 64 * 1024;

const REFUSALS = {
  fenced: 'fenced',
  cancelled: 'cancelled',
  gap: 'log_failed',
} as const satisfies Record<Exclude<AppendReply, 'written'>, string>;

/**
 * Writes one attempt's deltas to the log. While no append is in flight the next delta goes out at once;
 * while one is, deltas gather and go out together. So an idle log costs no latency and a burst few writes.
 */
export class DeltaWriter {
  readonly #log: DeltaLog;
  readonly #jobId: string;
  readonly #maxBytes: number;
  readonly #interrupt: (interruption: Interruption) => void;
  #last: Offset;
  #pending: Delta[] = [];
  #pendingBytes = 0;
  #totalBytes = 0;
  #closed = false;
  #appending: Promise<void> | null = null;

  constructor(
    log: DeltaLog,
    attempt: { readonly jobId: string; readonly epoch: number; readonly maxBytes: number },
    interrupt: (interruption: Interruption) => void,
  ) {
    this.#log = log;
    this.#jobId = attempt.jobId;
    this.#maxBytes = attempt.maxBytes;
    this.#interrupt = interrupt;
    this.#last = { epoch: attempt.epoch, seq: 0 };
  }

  /** Takes a delta. If it returns a promise, take it as the word to read no further until that resolves. */
  push(delta: Delta): Promise<void> | null {
    const size = weigh(delta);
    this.#pending.push(delta);
    this.#pendingBytes += size;
    this.#totalBytes += size;
    if (this.#totalBytes > this.#maxBytes) this.#interrupt(new Interruption('output_too_large'));
    this.#appending ??= this.#append();
    return this.#pendingBytes > HIGH_WATER ? this.#appending : null;
  }

  /** Waits for the append in flight. What it left over belongs into the settlement, after `last`. */
  async close(): Promise<{ tail: readonly Delta[]; last: Offset }> {
    this.#closed = true;
    await this.#appending;
    return { tail: this.#pending, last: this.#last };
  }

  async #append(): Promise<void> {
    // Deltas that arrived in one packet are parsed in one turn of the event loop: let them gather.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0 && !this.#closed) {
      const batch = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      const at = { epoch: this.#last.epoch, seq: this.#last.seq + batch.length };
      const reply = await this.#log
        .append(this.#jobId, this.#last, at, batch)
        .catch((cause: unknown) => new Interruption('log_failed', { cause }));
      if (reply !== 'written') {
        this.#pending = [...batch, ...this.#pending];
        this.#closed = true;
        this.#interrupt(reply instanceof Interruption ? reply : new Interruption(REFUSALS[reply]));
        break;
      }
      this.#last = at;
    }
    this.#appending = null;
  }
}
