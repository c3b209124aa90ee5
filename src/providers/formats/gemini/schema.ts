import { type Fields, fieldsOrNull } from '../../../core/json.ts';

type Schema = Record<string, unknown>;

/** Keywords that mean the same in both, besides those that hold schemas. */
const KEPT = [
  'title',
  'description',
  'nullable',
  'default',
  'example',
  'required',
  'propertyOrdering',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
];

const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'enum', 'int32', 'int64', 'float', 'double']);

/** Schemas in one, from which on references stay unread: a few lines of them can name billions. */
const MOST_SCHEMAS = 10_000;

/** Where in a document a schema is. */
interface Context {
  readonly root: Fields;
  /** The references that are being replaced. */
  readonly within: readonly string[];
  readonly count: { schemas: number };
}

/**
 * A JSON schema in the subset of OpenAPI's that Google calls `Schema`, for models that take nothing else: references
 * are replaced by what they name (one that leads back into itself by an object of any kind), alternatives become
 * `anyOf`, null becomes `nullable`, and keywords that would be refused (`$schema`, `additionalProperties`, …) go.
 */
export function openApiSchema(schema: Fields): Schema {
  return convert(schema, { root: schema, within: [], count: { schemas: 0 } });
}

function convert(schema: Fields, context: Context): Schema {
  context.count.schemas += 1;
  if (typeof schema.$ref === 'string') return dereferenced(schema, schema.$ref, context);
  const nested = (value: unknown): Schema => convert(fieldsOrNull(value) ?? {}, context);
  const converted: Schema = {};
  for (const keyword of KEPT) {
    if (schema[keyword] !== undefined) converted[keyword] = schema[keyword];
  }
  if (FORMATS.has(schema.format)) converted.format = schema.format;
  const properties = fieldsOrNull(schema.properties);
  if (properties) {
    const entries = Object.entries(properties);
    converted.properties = Object.fromEntries(entries.map(([name, value]) => [name, nested(value)]));
  }
  if (fieldsOrNull(schema.items)) converted.items = nested(schema.items);
  addType(converted, schema);
  addValues(converted, schema.const === undefined ? schema.enum : [schema.const]);
  addAlternatives(converted, schema.anyOf ?? schema.oneOf, nested);
  return listOf(schema.allOf).reduce<Schema>((all, part) => united(all, nested(part)), converted);
}

function dereferenced(schema: Fields, reference: string, context: Context): Schema {
  const { $ref: _, ...rest } = schema;
  const { root, within, count } = context;
  const readable = !within.includes(reference) && count.schemas < MOST_SCHEMAS;
  const target = readable ? lookUp(reference, root) : null;
  if (target === null) return { ...convert(rest, context), type: 'OBJECT' };
  const inside = { root, within: [...within, reference], count };
  return { ...convert(target, inside), ...convert(rest, context) };
}

/** What a reference inside the same document names: `#/$defs/City`. */
function lookUp(reference: string, root: Fields): Fields | null {
  if (!reference.startsWith('#')) return null;
  const steps = reference.split('/').slice(1);
  return steps.reduce<Fields | null>((at, step) => {
    const name = percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return at && Object.hasOwn(at, name) ? fieldsOrNull(at[name]) : null;
  }, root);
}

function percentDecoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function addType(converted: Schema, { type }: Fields): void {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
  const names = types.filter((one) => one !== 'null').map((one) => one.toUpperCase());
  if (names.length < types.length) converted.nullable = true;
  if (names.length === 1) converted.type = names[0];
  else if (names.length > 1) converted.anyOf = names.map((name) => ({ type: name }));
}

/** Google lists the values of strings only; others are said in words. */
function addValues(converted: Schema, values: unknown): void {
  if (!Array.isArray(values)) return;
  const told = values.filter((value) => value !== null);
  if (told.length < values.length) converted.nullable = true;
  if (told.every((value) => typeof value === 'string')) {
    converted.type = 'STRING';
    converted.enum = told;
    return;
  }
  const words = `One of: ${told.map((value) => JSON.stringify(value)).join(', ')}.`;
  converted.description = [converted.description, words].filter(Boolean).join(' ');
}

function addAlternatives(converted: Schema, alternatives: unknown, nested: (value: unknown) => Schema): void {
  const all = listOf(alternatives);
  const real = all.filter((one) => one.type !== 'null');
  if (real.length < all.length) converted.nullable = true;
  if (real.length === 1) Object.assign(converted, { ...nested(real[0]), ...converted });
  else if (real.length > 1) converted.anyOf = real.map(nested);
}

/** Both at once, as `allOf` asks for. */
function united(one: Schema, other: Schema): Schema {
  const properties = { ...fieldsOrNull(one.properties), ...fieldsOrNull(other.properties) };
  const required = [...new Set([...asArray(one.required), ...asArray(other.required)])];
  return {
    ...other,
    ...one,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

function listOf(value: unknown): Fields[] {
  return asArray(value)
    .map(fieldsOrNull)
    .filter((item) => item !== null);
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
