import type { CompletionRequest } from '../core/completion.ts';
import { type Delta, weigh } from '../core/delta.ts';
import { SluiceError } from '../core/errors.ts';
import { Fold } from '../core/fold.ts';
import { OUTPUT_TOO_LARGE } from '../core/settlement.ts';
import { isRefusal, missingUsage } from '../pricing/billing-rules.ts';
import { type Bill, NOT_BILLED, type Pricing } from '../pricing/pricing.ts';
import type { Provider } from '../providers/provider.ts';
import type { Route } from '../routing/router.ts';

/** What an attempt is made with. */
export interface AttemptTools {
  readonly provider: Provider;
  readonly pricing: Pricing;
  readonly route: Route;
  /** Its number, from 1. */
  readonly epoch: number;
  /** What its deltas may weigh together. */
  readonly maxBytes: number;
  /** Ends the call that it is a part of: aborted by the caller, or here, where its answer is not wanted any more. */
  readonly stop: AbortController;
}

/** One call to a provider: its deltas, once, and what became of it. */
export class LocalAttempt {
  readonly fold = new Fold();
  readonly #request: CompletionRequest;
  readonly #tools: AttemptTools;
  readonly #startedAt = new Date();
  #failure: SluiceError | null = null;
  /** Null until the first delta; `spoken` from the first one that says something. */
  #came: 'started' | 'spoken' | null = null;
  #weight = 0;
  #over = false;
  #bill: Promise<Bill> | null = null;

  constructor(request: CompletionRequest, tools: AttemptTools) {
    this.#request = request;
    this.#tools = tools;
  }

  /** Why it failed; null if it did not, or is not over. */
  get failure(): SluiceError | null {
    return this.#failure;
  }

  /** Whether anything came besides the beginning of choices. */
  get spoken(): boolean {
    return this.#came === 'spoken';
  }

  /**
   * What the provider sends, and the usage, counted here if it sends none. Ends where the attempt fails. Left early, it ends
   * the provider's call at once.
   *
   * @throws the reason that `stop` was aborted for.
   */
  async *deltas(): AsyncGenerator<Delta, void, undefined> {
    const { provider, route, epoch, stop } = this.#tools;
    const call = { ...route, epoch, signal: stop.signal };
    const source = provider.stream(this.#request, call)[Symbol.asyncIterator]();
    try {
      for (let delta = await this.#next(source); delta !== null; delta = await this.#next(source)) {
        yield delta;
      }
      this.fold.requireFinish();
    } catch (thrown) {
      stop.signal.throwIfAborted();
      this.#failure = failureOf(thrown);
      return;
    } finally {
      if (!this.#over) await this.#abandon(source);
    }
    const usage = this.fold.usage === null ? missingUsage(this.fold, (await this.bill()).usage) : null;
    if (usage === null) return;
    this.fold.add(usage);
    yield usage;
  }

  /** What it used and cost, once it is over. Never rejects. */
  bill(): Promise<Bill> {
    this.#bill ??= this.#price().catch(() => ({ usage: this.fold.usage, cost: null }));
    return this.#bill;
  }

  async #price(): Promise<Bill> {
    const refused = this.#failure !== null && isRefusal(this.#failure, this.#came !== null);
    if (refused) return { usage: null, cost: NOT_BILLED };
    const { pricing, route } = this.#tools;
    const { fold } = this;
    return pricing.bill({ ...route, request: this.#request, fold, startedAt: this.#startedAt });
  }

  async #next(source: AsyncIterator<Delta>): Promise<Delta | null> {
    const { value, done } = await source.next().catch((error: unknown) => {
      this.#over = true;
      throw error;
    });
    this.#over = done === true;
    if (done) return null;
    this.fold.add(value);
    if (this.#came !== 'spoken') this.#came = value.type === 'start' ? 'started' : 'spoken';
    this.#weight += weigh(value);
    if (this.#weight > this.#tools.maxBytes) throw OUTPUT_TOO_LARGE;
    return value;
  }

  /** Ends the provider's call. What it says of its usage then is what will be billed. */
  async #abandon(source: AsyncIterator<Delta>): Promise<void> {
    this.#tools.stop.abort();
    try {
      for (let rest = await source.next(); !rest.done; rest = await source.next()) this.fold.add(rest.value);
    } catch {
      // It ends with the reason that it was aborted for.
    }
  }
}

function failureOf(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new SluiceError('internal_error', `Sluice failed on this request: ${reason}`, { cause: thrown });
}
