import type { CompletionOptions } from '../client/completion/completion-options.ts';
import type { CallReport } from '../client/completion/logged-call.ts';
import type { Run, RunChunk } from '../client/completion/run.ts';
import { errorOfFailure } from '../client/error-of.ts';
import { AttemptInterruptedError, JobExpiredError } from '../client/errors.ts';
import { sleep, timerOf, unlessAborted } from '../client/http/waiting.ts';
import type { ChatCompletion } from '../client/types.ts';
import { totalCost } from '../core/cost.ts';
import type { SluiceError } from '../core/errors.ts';
import { nextAttemptIn } from '../routing/retry-delay.ts';
import type { Route } from '../routing/router.ts';
import { ChunkWriter } from '../surfaces/chat/chunk-writer.ts';
import { LocalAttempt } from './local-attempt.ts';
import type { LocalCall } from './local-call.ts';

/** A call that this process carries out, as a worker carries out a job. */
export class LocalRun implements Run {
  readonly accepted: Promise<LocalCall>;
  readonly #options: CompletionOptions;
  readonly #stop = new AbortController();
  readonly #attempts: LocalAttempt[] = [];

  constructor(accepted: Promise<LocalCall>, options: CompletionOptions) {
    this.accepted = accepted;
    this.#options = options;
  }

  async *chunks(): AsyncGenerator<RunChunk, void, undefined> {
    const { onAttempt } = this.#options;
    const call = await unlessAborted(this.accepted, this.#options.signal);
    const writer = new ChunkWriter(call.identity, { includeUsage: true });
    for await (const { attempt, about } of this.#run(call, onAttempt !== undefined)) {
      onAttempt?.(about);
      // With usage, every delta has its chunk.
      for await (const delta of attempt.deltas())
        yield { epoch: about.epoch, chunk: JSON.parse(writer.write(delta) ?? '{}') };
    }
  }

  async whole(): Promise<ChatCompletion> {
    const call = await unlessAborted(this.accepted, this.#options.signal);
    for await (const { attempt } of this.#run(call, true)) for await (const _ of attempt.deltas());
    const last = this.#attempts.at(-1);
    if (last === undefined) throw new Error('A call ended without an attempt.');
    return last.fold.completion(call.identity);
  }

  /** Nothing has been sent before it is read. */
  leave(): void {}

  async report(): Promise<CallReport> {
    const bills = await Promise.all(this.#attempts.map((attempt) => attempt.bill()));
    const cost = bills.length === 0 ? null : totalCost(bills.map((bill) => bill.cost));
    return { attempt: bills.length, usage: bills.at(-1)?.usage ?? null, cost, job_id: null };
  }

  /**
   * One attempt after the other, each to be read to its end, until one is whole. `discards`: text of one that fails can be
   * forgotten.
   */
  async *#run(call: LocalCall, discards: boolean) {
    const { parts, destination } = call;
    const { retries } = parts.config;
    const letGo = this.#watch(call.timeout);
    const avoid = new Set<string>();
    try {
      for (let epoch = 1; ; epoch += 1) {
        const route = destination.next(avoid);
        avoid.add(route.deployment.id);
        const attempt = this.#attempt(call, route, epoch);
        yield { attempt, about: { epoch, provider: route.deployment.provider, model: route.model } };
        const { failure } = attempt;
        if (failure === null) return;
        const another = destination.offers(avoid);
        const delay = nextAttemptIn(retries, epoch, failure, another);
        if (delay === null) throw errorOfFailure(failure);
        if (attempt.spoken && !discards) throw interrupted(epoch, failure);
        if (another) continue;
        avoid.clear();
        await sleep(delay, this.#stop.signal);
      }
    } finally {
      letGo();
    }
  }

  #attempt({ parts, request }: LocalCall, route: Route, epoch: number): LocalAttempt {
    const { provider: name } = route.deployment;
    const provider = parts.providers.get(name);
    if (provider === undefined) throw new Error(`There is no provider ${name}.`);
    const { maxOutputBytes: maxBytes } = parts.config.limits;
    const tools = { provider, pricing: parts.pricing, route, epoch, maxBytes, stop: this.#stop };
    const attempt = new LocalAttempt(request, tools);
    this.#attempts.push(attempt);
    return attempt;
  }

  /** Stops with the caller's signal, or after so many seconds. Returns what lets go of both. */
  #watch(timeout: number): () => void {
    const { signal } = this.#options;
    const abort = (): void => this.#stop.abort(signal?.reason);
    const expire = (): void => this.#stop.abort(expired(timeout));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(expire, timerOf(timeout));
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  }
}

function expired(timeout: number): JobExpiredError {
  const message = `The call did not end within its timeout of ${timeout} s.`;
  return new JobExpiredError(message, { code: 'job_expired', status: 504, type: 'timeout_error' });
}

function interrupted(epoch: number, failure: SluiceError): AttemptInterruptedError {
  const cause = errorOfFailure(failure);
  const message =
    `Attempt ${epoch} ended after it had produced text: ${failure.message} ` +
    'Another one would begin anew: give onAttempt to discard that text and go on reading.';
  return new AttemptInterruptedError(message, { code: 'attempt_interrupted', status: 502, cause });
}
