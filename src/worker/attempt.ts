import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import { DigestBuilder } from '../core/digest.ts';
import type { EmbeddingRequest } from '../core/embedding.ts';
import { type SluiceError, toSluiceError } from '../core/errors.ts';
import { Fold } from '../core/fold.ts';
import { Interruption } from '../core/interruption.ts';
import { isEmbeddingRequest } from '../core/job.ts';
import type { Offset } from '../core/offset.ts';
import type { Embedding, Streaming } from '../core/settlement.ts';
import type { Provider } from '../providers/provider.ts';
import type { ProviderCall } from '../providers/provider-call.ts';
import type { Route } from '../routing/router.ts';
import type { ClaimedAttempt } from '../store/attempt-store.ts';
import type { DeltaLog } from '../store/delta-log.ts';
import { DeltaWriter } from './delta-writer.ts';
import { embed } from './embed.ts';

/** How the provider call of an attempt ended: whole, interrupted from outside, or with the provider's error. */
export type CallEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted'; readonly interruption: Interruption }
  | { readonly kind: 'failed'; readonly error: SluiceError };

/** What a provider call left behind, apart from what it made. */
interface Called {
  readonly startedAt: Date;
  readonly end: CallEnd;
  /** The last entry that is in the log, and the deltas after it that are not. */
  readonly last: Offset;
  readonly tail: readonly Delta[];
  /** Ms from the call to the first delta; null if none came. */
  readonly firstDelta: number | null;
}

type Streamed = Called & Streaming;
type Embedded = Called & Embedding;

/** What a provider call left behind. */
export type Ran = Streamed | Embedded;

export interface AttemptTools {
  readonly provider: Provider;
  readonly route: Route;
  readonly log: DeltaLog;
  readonly maxBytes: number;
}

/** The longest that a timer can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * One upstream call of a claimed job: from the provider's first byte to the last delta handed to the log, or to all vectors.
 */
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
  async run(): Promise<Ran> {
    const { request, deadline } = this.#claim;
    const expiry = setTimeout(
      () => this.interrupt(new Interruption('expired')),
      Math.min(deadline - Date.now(), LONGEST_TIMER),
    );
    const startedAt = new Date();
    try {
      const ran = isEmbeddingRequest(request) ? await this.#embed(request) : await this.#stream(request);
      return { startedAt, ...ran };
    } finally {
      clearTimeout(expiry);
    }
  }

  async #stream(request: CompletionRequest): Promise<Omit<Streamed, 'startedAt'>> {
    const fold = new Fold();
    const digest = new DigestBuilder();
    const { provider, log, maxBytes } = this.#tools;
    const identity = { jobId: this.#jobId, epoch: this.#claim.epoch, maxBytes };
    const writer = new DeltaWriter(log, identity, this.interrupt);
    const began = performance.now();
    let firstDelta: number | null = null;
    let end: CallEnd = { kind: 'finished' };
    try {
      for await (const delta of provider.stream(request, this.#call)) {
        firstDelta ??= performance.now() - began;
        fold.add(delta);
        digest.add(delta);
        const full = writer.push(delta);
        if (full) await full;
      }
      fold.requireFinish();
    } catch (thrown) {
      end = this.#endOf(thrown);
    }
    const { tail, last } = await writer.close();
    return { end, fold, digest, last, tail, firstDelta };
  }

  /** Nothing of an embedding is in the log between its attempt and what follows that. */
  async #embed(request: EmbeddingRequest): Promise<Omit<Embedded, 'startedAt'>> {
    const { provider, maxBytes } = this.#tools;
    const nothing = { last: { epoch: this.#claim.epoch, seq: 0 }, tail: [], firstDelta: null };
    try {
      const embeddings = await embed(provider, request, this.#call, maxBytes);
      return { end: { kind: 'finished' }, embeddings, ...nothing };
    } catch (thrown) {
      return { end: this.#endOf(thrown), embeddings: null, ...nothing };
    }
  }

  get #call(): ProviderCall {
    const { deployment, model } = this.#tools.route;
    return { deployment, model, epoch: this.#claim.epoch, signal: this.#controller.signal };
  }

  #endOf(thrown: unknown): CallEnd {
    if (thrown instanceof Interruption) return { kind: 'interrupted', interruption: thrown };
    const { signal } = this.#controller;
    if (signal.aborted && signal.reason instanceof Interruption) {
      return { kind: 'interrupted', interruption: signal.reason };
    }
    return { kind: 'failed', error: toSluiceError(thrown) };
  }
}
