import { z } from 'zod';
import { SluiceError } from '../core/errors.ts';
import { isDeeperThan, isFields } from '../core/json.ts';
import { complaint } from './complaint.ts';

/** Levels of nesting that a request body may have; no real request comes near. */
export const MAX_DEPTH = 64;

/**
 * One mistake is told, so one is enough: a body of 9 MB can have three million of them, and zod's notes of so many fill
 * any heap. That zod heeds this when it parses is not in its documentation: a test sees to it.
 */
const UP_TO_THE_FIRST_MISTAKE: z.core.ParseContextInternal<Issue> = { abortEarly: true };

/** Checks a value against a schema; a mistake names its field as a path and says what would be right. */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = parse(schema, value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  if (first === undefined) throw new SluiceError('invalid_value', 'The request body is not valid.');
  const issue = misspelt(schema, value, first) ?? deepest(first);
  throw complaint({
    issue,
    value: valueAt(value, issue.path),
    param: path(issue.path),
    integer: isInteger(schemaAt(schema, issue.path)),
    known: keysOf(schemaAt(schema, issue.path)),
  });
}

/** zod compares the `length` of whatever it is given, which throws where that is an object without a primitive value. */
function parse<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value, UP_TO_THE_FIRST_MISTAKE);
  } catch (cause) {
    const message =
      "The request body is not valid: where text or a list is expected, it has an object with a 'length'.";
    throw new SluiceError('invalid_type', message, { cause });
  }
}

type Issue = z.core.$ZodIssue;

/** A misspelt name also leaves another one missing: what was written tells more than what was not. */
function misspelt(schema: z.ZodType, value: unknown, missing: Issue): Issue | null {
  const path = missing.path.slice(0, -1);
  const object = schemaAt(schema, path);
  const given = valueAt(value, path);
  if (!(object instanceof z.ZodObject) || !(object.def.catchall instanceof z.ZodNever) || !isFields(given))
    return null;
  const keys = Object.keys(given).filter((key) => !Object.hasOwn(object.shape, key));
  return keys.length === 0 ? null : { code: 'unrecognized_keys', keys, path, input: given, message: '' };
}

/** Of the alternatives of a union, the mistake that lies deepest is the one that was meant. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .flatMap(([first]) => (first === undefined ? [] : [deepest(first)]))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return inner && inner.path.length > 0 ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
}

function valueAt(value: unknown, segments: readonly PropertyKey[]): unknown {
  return segments.reduce<unknown>((parent, segment) => (Object(parent) as never)[segment], value);
}

function schemaAt(schema: z.core.$ZodType, segments: readonly PropertyKey[]): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return schemaAt(schema.unwrap(), segments);
  }
  const [segment, ...rest] = segments;
  if (segment === undefined) return schema;
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => schemaAt(option, segments)).find((inner) => inner !== undefined);
  }
  const inner = innerSchema(schema, segment);
  return inner && schemaAt(inner, rest);
}

function innerSchema(schema: z.core.$ZodType | undefined, segment: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodObject ? schema.shape[String(segment)] : undefined;
}

/** The keys that an object of this schema may have. */
function keysOf(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function isInteger(schema: z.core.$ZodType | undefined): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.some(isInteger);
  return schema instanceof z.ZodNumber && schema.isInt;
}

function path(segments: readonly PropertyKey[]): string {
  return segments
    .map((segment, index) =>
      typeof segment === 'number' ? `[${segment}]` : `${index > 0 ? '.' : ''}${String(segment)}`,
    )
    .join('');
}

/** Refuses bodies nested so deep that only an attack would be. */
export function refuseDepth(body: unknown): void {
  if (isDeeperThan(body, MAX_DEPTH)) throw tooDeep();
}

/** The error for a body that is nested more than {@link MAX_DEPTH} levels deep. */
export function tooDeep(): SluiceError {
  return new SluiceError('invalid_value', `The request body is nested more than ${MAX_DEPTH} levels deep.`);
}
