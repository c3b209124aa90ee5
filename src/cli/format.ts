import stringWidth from 'string-width';
import type { CostObject } from '../client/index.ts';
import { printable } from './printable.ts';

/** Rows as aligned columns, two spaces apart. Widths are columns: those of text without its colours, and two for a wide character. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, index) => Math.max(found[index] ?? 0, stringWidth(cell))),
    [],
  );
  const pad = (cell: string, index: number): string =>
    cell + ' '.repeat((widths[index] ?? 0) - stringWidth(cell));
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** US dollars, with as many digits as say something. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0';
  return usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(2))}`;
}

/** What something cost, for people; empty where nobody knows. */
export function cost(of: CostObject | null): string {
  if (of === null) return '';
  return `${of.estimated ? '~' : ''}${dollars(of.usd)}`;
}

/** Seconds, as `1:02:03`, `2:03` or `3 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long ago a time in unix seconds is, in one unit. */
export function ago(unixSeconds: number): string {
  const seconds = Math.max(0, Date.now() / 1000 - unixSeconds);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}

const CHARACTERS = new Intl.Segmenter();

/** A text's beginning, on one line, in as many columns at most. */
export function clip(text: string, columns: number): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  if (stringWidth(line) <= columns) return line;
  let clipped = '';
  for (const { segment } of CHARACTERS.segment(line)) {
    if (stringWidth(clipped + segment) >= columns) break;
    clipped += segment;
  }
  return `${clipped}…`;
}
