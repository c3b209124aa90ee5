/**
 * The value of a JSON text from a server; undefined for what is none. Not `parseJson` of core, which measures each value's depth
 * for those who write it again: here it is read only, one a delta.
 */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
