import type { Response } from 'express';

/**
 * Calls `gone` once the client has gone away, or has its answer: at once where that was so before anybody
 * listened, as with clients that hang up right after their request.
 */
export function whenGone(response: Response, gone: () => void): void {
  if (response.closed) gone();
  else response.once('close', gone);
}

/** Aborts when the client has gone away, or has its answer. */
export function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  whenGone(response, () => controller.abort());
  return controller.signal;
}
