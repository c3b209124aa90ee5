/** A time in unix milliseconds, as records have it, in the whole seconds that OpenAI's API writes. */
export function unixSeconds(unixMs: number): number;
/** The same of a time that may be to come. */
export function unixSeconds(unixMs: number | null): number | null;
export function unixSeconds(unixMs: number | null): number | null {
  return unixMs === null ? null : Math.floor(unixMs / 1000);
}
