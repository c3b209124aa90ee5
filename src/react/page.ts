/** What of a browser's page is used here. All of it may be absent. */
interface Page {
  readonly sessionStorage?: SessionStorage;
  requestAnimationFrame?(callback: () => void): number;
  cancelAnimationFrame?(handle: number): void;
  addEventListener?(type: 'pagehide', listener: () => void): void;
  removeEventListener?(type: 'pagehide', listener: () => void): void;
}

/** The part of `Storage` that is used. All of it may throw. */
export interface SessionStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

const page = globalThis as Page;
/** Milliseconds. Pages in the background have no frames. */
const LONGEST_FRAME = 250;

/** The storage of this tab; null where there is none, or the page may not use it. */
export function sessionStorage(): SessionStorage | null {
  try {
    return page.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** Calls back before the next frame; where there are none, as soon as everything that has arrived is taken. */
export function onNextFrame(callback: () => void): () => void {
  const { requestAnimationFrame, cancelAnimationFrame } = page;
  if (requestAnimationFrame === undefined) {
    const timer = setTimeout(callback);
    return () => clearTimeout(timer);
  }
  const cancel = (): void => {
    clearTimeout(timer);
    cancelAnimationFrame?.call(page, frame);
  };
  const once = (): void => {
    cancel();
    callback();
  };
  const timer = setTimeout(once, LONGEST_FRAME);
  const frame = requestAnimationFrame.call(page, once);
  return cancel;
}

/** Calls back when the page is left. */
export function onPageHide(callback: () => void): () => void {
  page.addEventListener?.('pagehide', callback);
  return () => page.removeEventListener?.('pagehide', callback);
}
