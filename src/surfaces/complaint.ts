import type { z } from 'zod';
import { nearest } from '../config/keys.ts';
import { type ErrorCode, SluiceError } from '../core/errors.ts';

type Issue = z.core.$ZodIssue;

/** A mistake in a request body: the issue, the value it was found at, and that value's path in the body. */
export interface Mistake {
  readonly issue: Issue;
  readonly value: unknown;
  readonly param: string;
  /** It must be a whole number. */
  readonly integer: boolean;
  /** The keys that the object may have which has one too many. */
  readonly known: readonly string[];
}

/** How much of a client's own text a message repeats, in characters. */
const QUOTE = 64;

/**
 * The error of a mistake, with the code, the `param` and nearly the wording that OpenAI's API answers the
 * same mistake with, because clients and their users know those.
 */
export function complaint(mistake: Mistake): SluiceError {
  const { issue, param } = mistake;
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownParameter(issue.keys[0] ?? '', mistake);
    case 'invalid_type':
      return wrongType([issue.expected], mistake);
    case 'invalid_union':
      return wrongType(alternatives(issue), mistake);
    case 'too_small':
      return tooSmall(issue, mistake);
    case 'too_big':
      return tooBig(issue, mistake);
    case 'invalid_value':
      return unsupported(issue.values, mistake);
    default:
      return refuse('invalid_value', `Invalid '${param}': ${issue.message}.`, param);
  }
}

function refuse(code: ErrorCode, message: string, param: string): SluiceError {
  return new SluiceError(code, message, param === '' ? {} : { param });
}

function unknownParameter(key: string, { known, param }: Mistake): SluiceError {
  const place = param === '' ? key : `${param}.${key}`;
  const meant = nearest(key, known);
  const hint = meant === null ? `Known here: ${known.join(', ')}.` : `Did you mean '${meant}'?`;
  return refuse('unknown_parameter', `Unknown parameter: ${quote(place)}. ${hint}`, place.slice(0, QUOTE));
}

function wrongType(expected: readonly string[], mistake: Mistake): SluiceError {
  const names = expected.map((type) => (type === 'number' && mistake.integer ? 'int' : type));
  const nouns = [...new Set(names)].map((type) => TYPES[type] ?? type);
  return notOneOf(
    nouns.length === 1 ? withArticle(nouns[0] ?? '') : `one of ${withArticle(list(nouns, 'or'))}`,
    mistake,
  );
}

function unsupported(values: readonly unknown[], mistake: Mistake): SluiceError {
  const quoted = values.map((each) => `'${String(each)}'`);
  if (typeof mistake.value !== 'string') return notOneOf(`one of ${list(quoted, 'or')}`, mistake);
  const said = `Invalid value: ${quote(mistake.value)}. Supported values are: ${list(quoted, 'and')}.`;
  return refuse('invalid_value', said, mistake.param);
}

function notOneOf(wanted: string, { value, param }: Mistake): SluiceError {
  if (value === undefined) {
    return refuse('missing_required_parameter', `Missing required parameter: '${param}'.`, param);
  }
  const said = `Invalid type for '${param}': expected ${wanted}, but got ${withArticle(typeOf(value))} instead.`;
  return refuse('invalid_type', said, param);
}

/** The types that a union would have taken. */
function alternatives(issue: z.core.$ZodIssueInvalidUnion): string[] {
  return issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' && first.path.length === 0 ? [first.expected] : [],
  );
}

type Bound = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

function tooSmall(issue: z.core.$ZodIssueTooSmall, mistake: Mistake): SluiceError {
  const { origin, minimum } = issue;
  if (isNumeric(issue))
    return outOfRange('below_min', issue.inclusive === false ? '>' : '>=', minimum, mistake);
  const kind = origin === 'array' ? 'array' : 'string';
  return refuse(
    `empty_${kind}`,
    `Invalid '${mistake.param}': empty ${kind}. Expected ${withArticle(kind)} with minimum length ${minimum}, ` +
      `but got an empty ${kind} instead.`,
    mistake.param,
  );
}

function tooBig(issue: z.core.$ZodIssueTooBig, mistake: Mistake): SluiceError {
  const { origin, maximum } = issue;
  const { param, value } = mistake;
  if (isNumeric(issue))
    return outOfRange('above_max', issue.inclusive === false ? '<' : '<=', maximum, mistake);
  if (origin === 'object') {
    const count = Object.keys(Object(value)).length;
    return refuse(
      'object_above_max_properties',
      `Invalid '${param}': too many properties. Expected an object with at most ${maximum} properties, but ` +
        `got an object with ${count} properties instead.`,
      param,
    );
  }
  const kind = origin === 'array' ? 'array' : 'string';
  const { length } = Array.isArray(value) ? value : String(value);
  return refuse(
    `${kind}_above_max_length`,
    `Invalid '${param}': ${kind} too long. Expected ${withArticle(kind)} with maximum length ${maximum}, but got ` +
      `${withArticle(kind)} with length ${length} instead.`,
    param,
  );
}

function isNumeric({ origin }: Bound): boolean {
  return origin === 'number' || origin === 'int';
}

function outOfRange(
  side: 'below_min' | 'above_max',
  comparison: string,
  bound: number | bigint,
  { value, param, integer }: Mistake,
): SluiceError {
  const kind = integer ? 'integer' : 'decimal';
  const where = side === 'below_min' ? 'below minimum' : 'above maximum';
  return refuse(
    `${kind}_${side}_value`,
    `Invalid '${param}': ${kind} ${where} value. Expected a value ${comparison} ${bound}, but got ` +
      `${String(value)} instead.`,
    param,
  );
}

/** Types as OpenAI's messages name them. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  number: 'decimal number',
  record: 'object',
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return typeof value;
  return Number.isInteger(value) ? 'integer' : 'decimal number';
}

function withArticle(noun: string): string {
  if (noun === 'null') return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** `'a', 'b', and 'c'`. */
function list(items: readonly string[], word: 'and' | 'or'): string {
  return new Intl.ListFormat('en', { type: word === 'and' ? 'conjunction' : 'disjunction' }).format(items);
}

function quote(text: string): string {
  return `'${text.length > QUOTE ? `${text.slice(0, QUOTE)}…` : text}'`;
}
