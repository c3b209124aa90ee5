/** A key under which a request may be sent as often as it takes. */
export function newIdempotencyKey(): string {
  // `randomUUID` is there in secure contexts only; this everywhere.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `sluice-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
