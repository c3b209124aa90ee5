import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, JsonSchema } from './api-document.ts';

/** Values for properties of a name, in place of what their schema says: so that a request gets further than its door. */
export type Hints = Readonly<Record<string, Arbitrary<unknown>>>;

/** Levels down to which optional properties are generated. */
const DEPTH = 5;

/** Values that a schema of the document allows. What it does not know is any value. */
export function valid(document: ApiDocument, given: JsonSchema, hints: Hints, depth = 0): Arbitrary<unknown> {
  const schema = document.resolve(given);
  const inner = (each: JsonSchema): Arbitrary<unknown> => valid(document, each, hints, depth + 1);
  const { anyOf, type, minimum, maximum, minItems = 0 } = schema;
  if (anyOf) return fc.oneof(...anyOf.map(inner));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (Array.isArray(type)) return fc.oneof(...type.map((each: string) => inner({ ...schema, type: each })));
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.maxSafeInteger().map((value) => clamp(value, minimum, maximum));
    case 'number':
      return fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value) => clamp(value, minimum, maximum));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(schema.items ?? {}), { minLength: minItems, maxLength: minItems + 2 });
    case 'object':
      return object(schema, hints, inner, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function object(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  hints: Hints,
  inner: (schema: JsonSchema) => Arbitrary<unknown>,
  depth: number,
): Arbitrary<unknown> {
  if (additionalProperties && Object.keys(properties).length === 0) {
    return fc.dictionary(fc.string({ unit: 'binary' }), inner(additionalProperties), { maxKeys: 3 });
  }
  const names = Object.keys(properties).filter((name) => depth < DEPTH || required.includes(name));
  const known = Object.fromEntries(names.map((name) => [name, hints[name] ?? inner(properties[name] ?? {})]));
  // Few at a time: of forty optional ones, one is nearly always refused.
  const others = names.filter((name) => !required.includes(name));
  const chosen = fc.subarray(others, { maxLength: Math.min(4, others.length) });
  return chosen.chain((optional) =>
    fc.record(
      Object.fromEntries([...required, ...optional].map((name) => [name, known[name] ?? fc.anything()])),
    ),
  );
}

function text({ pattern, minLength = 0, maxLength = 2000 }: JsonSchema): Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 20), unit: 'binary' }),
    fc.constantFrom('a'.repeat(Math.max(1, maxLength)), 'a'.repeat(Math.max(1, minLength))),
  );
}

function clamp(value: number, least = -1e9, most = 1e9): number {
  if (value >= least && value <= most) return value;
  return Math.min(most, least + (Math.abs(value) % (most - least + 1)));
}

/** What no schema allows, and clients send. */
const STRANGE: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER + 2,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e\ufeff',
    '👩‍👩‍👧‍👦'.repeat(50),
    'a'.repeat(100_000),
    '__proto__',
    'constructor',
    [],
    {},
    [[[[]]]],
    [null],
    nested(30),
    nested(100),
    JSON.parse('{"__proto__":{"polluted":true}}'),
    { constructor: { prototype: { polluted: true } } },
    { toString: 1, valueOf: null, length: -1 },
    { type: 'text' },
    { type: '__proto__' },
    { type: null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

/** Names that a property may get besides its own. */
const NAMES = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'then',
    'toJSON',
    '',
    'length',
    'mock_response',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** The value with one to three of its places made wrong: replaced, removed, or added to. */
export function mutated(value: Arbitrary<unknown>): Arbitrary<unknown> {
  const change = fc.record({ place: fc.nat(), kind: fc.nat(3), name: NAMES, strange: STRANGE });
  return fc
    .tuple(value, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([whole, changes]) => changes.reduce(mutate, whole));
}

interface Change {
  readonly place: number;
  readonly kind: number;
  readonly name: string;
  readonly strange: unknown;
}

function mutate(whole: unknown, { place, kind, name, strange }: Change): unknown {
  const copy = structuredClone(whole);
  const places = placesIn(copy);
  const chosen = places[place % Math.max(1, places.length)];
  if (chosen === undefined) return strange;
  const { parent, key } = chosen;
  if (kind === 0) Reflect.deleteProperty(parent, key);
  // A property of its own, also where the name is `__proto__`.
  else define(parent, kind === 1 ? name : key, strange);
  return copy;
}

function define(parent: object, key: string, value: unknown): void {
  if (Array.isArray(parent) && !/^\d+$/.test(key)) parent.push(value);
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): { parent: object; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [{ parent: value, key }, ...placesIn(child)]);
}
