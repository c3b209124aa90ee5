import { hex } from '../hex.ts';

/** A key under which a request may be sent as often as it takes. */
export function newIdempotencyKey(): string {
  // `randomUUID` is there in secure contexts only; this everywhere.
  return `sluice-${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
}
