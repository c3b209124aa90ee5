import { type Fields, isFields } from '../../../core/json.ts';

/** Keywords that Anthropic's structured outputs understand, besides those that hold schemas. */
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'required',
  'title',
  'description',
  'default',
]);

const FORMATS: ReadonlySet<unknown> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
);

/** Keywords about the schema and not about what it describes. */
const ABOUT: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'additionalProperties']);

/**
 * A JSON schema as Anthropic's structured outputs and strict tools take it, after
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs: objects are closed, `oneOf` is
 * `anyOf`, and the keywords that are refused (`minimum`, `pattern`, …) go into the description, where the
 * model may still heed them.
 */
export function strictSchema(schema: Fields): Record<string, unknown> {
  const strict: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const held = holds(keyword, value);
    if (held !== null) strict[keyword === 'oneOf' ? 'anyOf' : keyword] = held;
    else if (KEPT.has(keyword) || isAllowed(keyword, value)) strict[keyword] = value;
    else if (!ABOUT.has(keyword)) rest[keyword] = value;
  }
  if (describesObject(schema)) {
    strict.additionalProperties = false;
    if (schema.additionalProperties === true || isFields(schema.additionalProperties)) {
      rest.additionalProperties = schema.additionalProperties;
    }
  }
  if (Object.keys(rest).length === 0) return strict;
  const words = Object.entries(rest).map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`);
  const said = typeof schema.description === 'string' ? `${schema.description}\n\n` : '';
  return { ...strict, description: `${said}{${words.join(', ')}}` };
}

/** What a keyword that holds schemas becomes; null if it holds none. */
function holds(keyword: string, value: unknown): unknown {
  if (keyword === 'properties' || keyword === '$defs' || keyword === 'definitions') {
    if (!isFields(value)) return null;
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, nested(schema)]));
  }
  if (keyword === 'items') return isFields(value) ? strictSchema(value) : null;
  if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf') {
    return Array.isArray(value) ? value.map(nested) : null;
  }
  return null;
}

function nested(schema: unknown): unknown {
  return isFields(schema) ? strictSchema(schema) : schema;
}

function isAllowed(keyword: string, value: unknown): boolean {
  if (keyword === '$ref') return true;
  if (keyword === 'minItems') return value === 0 || value === 1;
  return keyword === 'format' && FORMATS.has(value);
}

function describesObject({ type, properties }: Fields): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isFields(properties);
}
