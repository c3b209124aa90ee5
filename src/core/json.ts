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
