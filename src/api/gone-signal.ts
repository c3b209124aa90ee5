import type { Response } from 'express';
import type { Closing } from './closing.ts';

/**
 * Calls `gone` once the client has gone away, or has its answer: at once where that was so before anybody
 * listened, as with clients that hang up right after their request.
 */
export function whenGone(response: Response, gone: () => void): void {
  if (response.closed) gone();
  else response.once('close', gone);
}

/** Aborts when the client has gone away or has its answer, or when the server closes. */
export function goneSignal(response: Response, closing: Closing): AbortSignal {
  const controller = new AbortController();
  // Without a reason, each abort would make an error with a stack.
  const abort = (): void => controller.abort('gone');
  const forget = closing.listen(abort);
  whenGone(response, () => {
    forget();
    abort();
  });
  return controller.signal;
}
