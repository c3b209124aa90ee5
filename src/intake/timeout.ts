import { z } from 'zod';

/** The seconds after which a job expires, where its client says so. `most`: what it may ask for. */
export function timeoutSchema(most: number) {
  return z.number().positive().max(most);
}
