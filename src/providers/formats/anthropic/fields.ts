/** A JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A content block, or another part of a request that is being written. */
export type Block = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is text. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
