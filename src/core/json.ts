/** A JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether the value is a JSON object, and neither a list nor null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a JSON object, else an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The value where it is a JSON object. */
export function fieldsOrNull(value: unknown): Fields | null {
  return isFields(value) ? value : null;
}

/** The objects of a JSON array; none where the value is no array. */
export function objectsIn(value: unknown): Fields[] {
  return (Array.isArray(value) ? value : []).filter((item) => typeof item === 'object' && item !== null);
}

/** The value where it is text, else none. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value where it is a number, as of tokens, else null. */
export function countIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The fields that say something: all that are neither null nor left out. */
export function presentIn(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/** Of the fields with these names, those that say something. */
export function pickFrom(fields: Fields, names: readonly string[]): Fields {
  return presentIn(Object.fromEntries(names.map((name) => [name, fields[name]])));
}

/** Bytes that the value takes as JSON, escapes aside: counted without writing it, and no further than beyond `enough`. */
export function jsonBytes(value: unknown, enough: number): number {
  let bytes = 0;
  const rest = [value];
  while (rest.length > 0 && bytes <= enough) {
    const next = rest.pop();
    if (typeof next === 'string') {
      bytes += Buffer.byteLength(next) + '"",'.length;
    } else if (Array.isArray(next)) {
      for (const item of next) rest.push(item);
      bytes += '[],'.length;
    } else if (isFields(next)) {
      for (const [name, field] of Object.entries(next)) {
        bytes += Buffer.byteLength(name) + '"":'.length;
        rest.push(field);
      }
      bytes += '{},'.length;
    } else {
      bytes += String(next).length + ','.length;
    }
  }
  return bytes;
}

/** Whether a value is nested deeper than so many levels; no level for what is neither list nor object. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? (Object.values(each) as unknown[]) : [],
    );
  }
  return false;
}

/** Levels of nesting that `JSON.stringify`, which calls itself, can write wherever it is called; `JSON.parse` reads any number. */
const WRITABLE_DEPTH = 1000;

/** The value of JSON from elsewhere; undefined for what is none, or nested so deep that it could not be written again. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, WRITABLE_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}
