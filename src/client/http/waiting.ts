/** Seconds: the first step of the backoff, and where it stops growing. */
const BASE = 0.25;
const CEILING = 8;

/** Milliseconds until the next try after so many failures (from 1): exponential, with up to half of it taken off at random. */
export function backoff(failures: number): number {
  const seconds = Math.min(BASE * 2 ** (failures - 1), CEILING);
  return 1000 * seconds * (1 - Math.random() / 2);
}

/** Seconds as whole milliseconds, for timers: one that is set for longer than some 24 days goes off at once. */
export function timerOf(seconds: number): number {
  return Math.min(Math.ceil(1000 * seconds), 2 ** 31 - 1);
}

/** Waits; rejects with the signal's reason when that aborts first. */
export function sleep(ms: number, signal?: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The promise, or the signal's reason as soon as that aborts. */
export function unlessAborted<Value>(
  promise: Promise<Value>,
  signal?: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
