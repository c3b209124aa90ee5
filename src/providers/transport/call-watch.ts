import type { Deployment } from '../../config/config.ts';
import { SluiceError } from '../../core/errors.ts';

/** The longest delay that Node's timers keep, in milliseconds; longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a watch needs to know about the call. */
export interface WatchedCall {
  readonly provider: string;
  readonly deployment: Deployment;
  readonly signal: AbortSignal;
}

/**
 * Watches one upstream call: joins its caller's signal and the deployment's total `timeout` in one signal,
 * and says what a failure of the connection means.
 */
export class CallWatch {
  /** Aborts with the caller, or at the deadline. */
  readonly signal: AbortSignal;
  /** Rejects when `signal` aborts; never resolves. */
  readonly stopped: Promise<never>;
  readonly #call: WatchedCall;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#controller.abort(this.#call.signal.reason);
  #expired = false;

  constructor(call: WatchedCall) {
    this.#call = call;
    const { signal } = this.#controller;
    this.signal = signal;
    this.stopped = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Usually nobody waits any more by the time that it rejects.
    this.stopped.catch(() => {});
    call.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#controller.abort();
      },
      Math.min(call.deployment.timeout * 1000, LONGEST_TIMER_MS),
    );
  }

  /** True once the caller has aborted. */
  get aborted(): boolean {
    return this.#call.signal.aborted;
  }

  /** Lets go of the caller's signal and of the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#call.signal.removeEventListener('abort', this.#onAbort);
  }

  /** What to throw for a failure of the connection, before an answer began (`request`) or within it. */
  explain(thrown: unknown, phase: 'request' | 'answer'): unknown {
    const { provider, deployment, signal } = this.#call;
    if (signal.aborted) return signal.reason;
    if (this.#expired) {
      return new SluiceError('upstream_timeout', `${provider} did not finish in ${deployment.timeout} s.`);
    }
    const code = codeOf(thrown);
    const details = { cause: thrown };
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
      const message = `${provider} sent nothing for ${deployment.streamTimeout} s.`;
      return new SluiceError('upstream_timeout', message, details);
    }
    if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
      return new SluiceError(
        'upstream_invalid_response',
        `${provider} does not answer as HTTP servers do (${code}).`,
        details,
      );
    }
    return phase === 'request'
      ? new SluiceError('upstream_unreachable', `${provider} could not be reached (${code}).`, details)
      : new SluiceError('upstream_truncated', `The connection to ${provider} broke (${code}).`, details);
  }
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return 'unknown';
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'unknown';
}
