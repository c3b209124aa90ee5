import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, JsonSchema, Operation, Parameter } from './api-document.ts';
import { FORM_TYPE, formOf } from './form-arbitrary.ts';
import { type Hints, mutated, valid } from './schema-arbitrary.ts';

/** A request as it is sent: the path encoded, the body whatever it is. */
export interface FuzzedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The path names what it should: it has not been turned into another one. */
  readonly plain: boolean;
}

/** Ids as they should not be, encoded for a path. */
const TRICKS = fc.constantFrom(
  '%2e%2e',
  '..',
  '.',
  '%00',
  '%',
  '%ff%fe',
  '%E0%A4%A',
  '%2f',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%5c..%5c',
  'a%0d%0aSet-Cookie:x',
  '__proto__',
  'constructor',
  '*',
  ':id',
  '{id}',
  ';x=1',
  '%F0%9F%92%A9',
  `job_${'0'.repeat(33)}`,
  `job_${'0'.repeat(32)}%0a`,
  `JOB_${'0'.repeat(32)}`,
  'x'.repeat(9000),
  'x'.repeat(20_000),
);

/** Every kind of id that there is or may be, of nothing that exists. */
const STRANGERS = fc
  .tuple(
    fc.constantFrom('job_', 'resp_', 'chatcmpl-', 'cmpl-', 'msg_', 'file-', 'upload_', 'batch_', ''),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  )
  .map(([prefix, digits]) => prefix + digits.toString(16).padStart(32, '0'));

const HEADERS: Hints = {
  // Not all that the schema allows: to wait is what a longer one asks for.
  Prefer: fc.constantFrom(
    'respond-async',
    'wait=0',
    'respond-async, wait=1',
    'wait=',
    ',,;=',
    'wait="0"; a=b',
    'x'.repeat(5000),
  ),
};

const QUERIES: Hints = {
  after: fc.constantFrom(
    '',
    '0-0',
    '1-0',
    '1-1',
    '2-0',
    '1-',
    '9'.repeat(30),
    '99999999999999999999-1',
    `job_${'0'.repeat(32)}`,
  ),
  wait: fc.constantFrom('0', '', '-1', '1e3', 'x', '00', '0x1'),
};

/** Requests for an operation: as described, and less and less so. `ids`: those of what exists. */
export function requestFor(
  document: ApiDocument,
  operation: Operation,
  hints: Hints,
  ids: () => readonly string[],
): Arbitrary<FuzzedRequest> {
  const { parameters = [], requestBody } = operation;
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  const schema = requestBody?.content['application/json']?.schema;
  const form = requestBody?.content['multipart/form-data']?.schema;
  return fc
    .record({
      segments: fc.tuple(...of('path').map((parameter) => segmentOf(document, parameter, ids))),
      query: fc.option(queryOf(document, of('query')), { nil: '' }),
      headers: headersOf(document, of('header')),
      body: schema
        ? bodyOf(document, schema, hints)
        : form
          ? formOf(document, form, hints)
          : fc.constant(null),
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constant(form ? FORM_TYPE : 'application/json') },
        fc.constantFrom('text/plain', 'application/json; charset=utf-16', ''),
      ),
    })
    .map(({ segments, query, headers, body, type }) => {
      const names = of('path').map(({ name }) => name);
      const path = names.reduce(
        (whole, name, index) => whole.replace(`{${name}}`, () => segments[index]?.text ?? ''),
        operation.path,
      );
      return {
        path: query === '' ? path : `${path}?${query}`,
        headers: { ...headers, ...(body !== null && type !== '' && { 'content-type': type }) },
        body,
        plain: segments.every(({ plain }) => plain),
      };
    });
}

interface Segment {
  readonly text: string;
  readonly plain: boolean;
}

function segmentOf(
  document: ApiDocument,
  { schema }: Parameter,
  ids: () => readonly string[],
): Arbitrary<Segment> {
  const plain = (text: string): Segment => ({
    text: encode(text),
    plain: text !== '' && !/^\.\.?$/.test(text),
  });
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat().map((n) => plain(oneOf(ids().filter(isOfKind(schema)), n))) },
    { weight: 1, arbitrary: fc.nat().map((n) => plain(oneOf(ids(), n))) },
    { weight: 1, arbitrary: valid(document, schema, {}).map((value) => plain(String(value))) },
    { weight: 1, arbitrary: STRANGERS.map(plain) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1 }).map(plain) },
    { weight: 1, arbitrary: TRICKS.map((text) => ({ text, plain: false })) },
  );
}

function oneOf(ids: readonly string[], choice: number): string {
  return ids[choice % Math.max(1, ids.length)] ?? 'none';
}

/** Whether ids begin as the parameter's example does: `job_`. */
function isOfKind({ example }: JsonSchema): (id: string) => boolean {
  const prefix = /^[a-z]+[-_]/.exec(String(example))?.[0] ?? '';
  return (id) => id.startsWith(prefix);
}

function queryOf(document: ApiDocument, parameters: readonly Parameter[]): Arbitrary<string> {
  const strange = fc.constantFrom(
    'a=b',
    'limit=1&limit=2',
    'after[]=x',
    'after[__proto__]=x',
    '__proto__[x]=1',
    '%',
    '&&&==',
    'limit[a][b][c]=1',
    `x=${'y'.repeat(5000)}`,
    'after=%00',
    'after=1-',
    'partial=%FF',
  );
  const known = parameters.map(({ name, schema }) => {
    const given = valid(document, schema, {});
    const value =
      QUERIES[name] ??
      fc.oneof(
        given,
        fc.string({ unit: 'binary', maxLength: 10 }),
        fc.constantFrom('', '-1', '1e9', '99999999999', 'null'),
      );
    return value.map((each) => pairsOf(name, each));
  });
  return fc
    .tuple(fc.subarray(known.length === 0 ? [strange] : [...known, strange], { minLength: 1 }))
    .chain(([chosen]) => fc.tuple(...chosen))
    .map((parts) => parts.join('&'));
}

/** A parameter as OpenAI's clients write it: `name=value`, or `name[key]=value` of an object. */
function pairsOf(name: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${name}=${encode(String(value))}`;
  return Object.entries(value)
    .map(([key, each]) => `${name}[${encode(key)}]=${encode(String(each))}`)
    .join('&');
}

function headersOf(
  document: ApiDocument,
  parameters: readonly Parameter[],
): Arbitrary<Record<string, string>> {
  // What Node.js can send: no line breaks, and bytes for characters.
  const sendable = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
  const members = parameters.map(({ name, schema }) => [
    name,
    (
      HEADERS[name] ??
      fc.oneof(valid(document, schema, {}), fc.string({ unit: 'binary' }), fc.constant('x'.repeat(300)))
    ).map((value) => sendable(String(value))),
  ]);
  return fc.record(Object.fromEntries(members), { requiredKeys: [] }) as Arbitrary<Record<string, string>>;
}

function bodyOf(document: ApiDocument, schema: JsonSchema, hints: Hints): Arbitrary<string> {
  const good = valid(document, schema, hints);
  return fc.oneof(
    { weight: 3, arbitrary: good.map((value) => JSON.stringify(value)) },
    { weight: 6, arbitrary: mutated(good).map((value) => JSON.stringify(value) ?? '') },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          '',
          '{',
          '[]',
          'null',
          '"x"',
          '1e999',
          '{"a":1}x',
          '\ufeff{}',
          `${'['.repeat(50_000)}`,
        ),
      ),
    },
  );
}

/** Percent-encoded, also what has no encoding: half of a surrogate pair. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
