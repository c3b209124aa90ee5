/** Bytes of lines that a feeder has in memory at once for one batch, but for a line that has more by itself. */
export const PORTION_BYTES = 8 * 1024 * 1024;

/** The first of the lines that are to be in memory together: up to `most`, of up to `bytes` bytes, and at least one. */
export function portion<Line extends { readonly length: number }>(
  lines: readonly Line[],
  most: number,
  bytes = PORTION_BYTES,
): Line[] {
  let sum = 0;
  const end = lines.findIndex(({ length }, index) => {
    sum += length;
    return index > 0 && (index >= most || sum > bytes);
  });
  return end === -1 ? [...lines] : lines.slice(0, end);
}
