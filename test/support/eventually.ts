import { setTimeout as delay } from 'node:timers/promises';

/** Ms between two looks at a condition. */
const LOOK = 10;

/**
 * Waits until `find` returns something, and returns that. Fails after `within` ms (30 s), naming what was
 * waited for: tests wait for conditions, never for time to pass.
 */
export async function eventually<T>(
  what: string,
  find: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  options: { readonly within?: number; readonly describe?: () => string } = {},
): Promise<T> {
  const within = options.within ?? 30_000;
  const deadline = performance.now() + within;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${within} ms in vain for ${what}.\n${options.describe?.() ?? ''}`);
    }
    await delay(LOOK);
  }
}
