import type { Delta } from '../core/delta.ts';
import { DigestBuilder } from '../core/digest.ts';
import { SluiceError, toSluiceError } from '../core/errors.ts';
import { Fold } from '../core/fold.ts';
import { Interruption } from '../core/interruption.ts';
import type { Offset } from '../core/offset.ts';
import type { Provider } from '../providers/provider.ts';
import type { Route } from '../routing/router.ts';
import type { ClaimedAttempt } from '../store/attempt-store.ts';
import type { DeltaLog } from '../store/delta-log.ts';
import { DeltaWriter } from './delta-writer.ts';

/** How the provider call of an attempt ended: whole, interrupted from outside, or with the provider's error. */
export type StreamEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted'; readonly interruption: Interruption }
  | { readonly kind: 'failed'; readonly error: SluiceError };

/** What a provider call left behind. */
export interface Streamed {
  readonly startedAt: Date;
  readonly end: StreamEnd;
  readonly fold: Fold;
  readonly digest: DigestBuilder;
  /** The last entry that is in the log, and the deltas after it that are not. */
  readonly last: Offset;
  readonly tail: readonly Delta[];
  /** Ms from the call to the first delta; null if none came. */
  readonly firstDelta: number | null;
}

export interface AttemptTools {
  readonly provider: Provider;
  readonly route: Route;
  readonly log: DeltaLog;
  readonly maxBytes: number;
}

/** The longest that a timer can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One upstream call of a claimed job: from the provider's first byte to the last delta handed to the log. */
export class Attempt {
  readonly #jobId: string;
  readonly #claim: ClaimedAttempt;
  readonly #tools: AttemptTools;
  readonly #controller = new AbortController();

  constructor(jobId: string, claim: ClaimedAttempt, tools: AttemptTools) {
    this.#jobId = jobId;
    this.#claim = claim;
    this.#tools = tools;
  }

  /** Ends the provider call at once. The first reason stands. */
  readonly interrupt = (interruption: Interruption): void => {
    this.#controller.abort(interruption);
  };

  /** Runs to its end; never rejects. */
  async stream(): Promise<Streamed> {
    const fold = new Fold();
    const digest = new DigestBuilder();
    const { log, maxBytes } = this.#tools;
    const identity = { jobId: this.#jobId, epoch: this.#claim.epoch, maxBytes };
    const writer = new DeltaWriter(log, identity, this.interrupt);
    const deadline = setTimeout(
      () => this.interrupt(new Interruption('expired')),
      Math.min(this.#claim.deadline - Date.now(), LONGEST_TIMER),
    );
    const startedAt = new Date();
    const began = performance.now();
    let firstDelta: number | null = null;
    let end: StreamEnd = { kind: 'finished' };
    try {
      for await (const delta of this.#deltas()) {
        firstDelta ??= performance.now() - began;
        fold.add(delta);
        digest.add(delta);
        const full = writer.push(delta);
        if (full) await full;
      }
      if (!fold.finished) {
        throw new SluiceError('upstream_truncated', 'The provider ended the stream without a finish reason.');
      }
    } catch (thrown) {
      end = this.#endOf(thrown);
    } finally {
      clearTimeout(deadline);
    }
    const { tail, last } = await writer.close();
    return { startedAt, end, fold, digest, last, tail, firstDelta };
  }

  #deltas(): AsyncIterable<Delta> {
    const { provider, route } = this.#tools;
    return provider.stream(this.#claim.request, {
      deployment: route.deployment,
      model: route.model,
      epoch: this.#claim.epoch,
      signal: this.#controller.signal,
    });
  }

  #endOf(thrown: unknown): StreamEnd {
    const { signal } = this.#controller;
    if (signal.aborted && signal.reason instanceof Interruption) {
      return { kind: 'interrupted', interruption: signal.reason };
    }
    return { kind: 'failed', error: toSluiceError(thrown) };
  }
}
