import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, JsonSchema } from './api-document.ts';
import { type Hints, valid } from './schema-arbitrary.ts';

/** The type of the forms that {@link formOf} writes. */
export const FORM_TYPE = 'multipart/form-data; boundary=fuzz';

const FILENAMES = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('lines.jsonl', 'x.txt', '../../up', 'C:\\x', '☃.jsonl') },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constant('n'.repeat(400)),
);
const BYTES = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '{}\n', '--fuzz', '\r\n--fuz'));

/** Forms of a schema, as bytes: whole, with parts too few, too many, in any order, and damaged. */
export function formOf(document: ApiDocument, schema: JsonSchema, hints: Hints): Arbitrary<string> {
  const strange = fc.oneof(
    fc.tuple(fc.string({ unit: 'binary' }), BYTES).map(([name, text]) => part(`name="${name}"`, text)),
    fc.constantFrom(part('name="__proto__[x]"', '1'), part('filename="x"', 'x'), 'no part', '--fuzz\r\n\r\n'),
  );
  const good = partsOf(document, schema, hints);
  const whole = fc
    .tuple(good, fc.array(strange, { maxLength: 1 }), fc.boolean())
    .chain(([parts, more, all]) => {
      const pool = all ? parts : [...parts, ...parts.slice(0, 1), ...more];
      return fc.shuffledSubarray(pool, { minLength: all ? pool.length : 0 });
    })
    .map((parts) => `${parts.join('')}--fuzz--\r\n`);
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 1, arbitrary: fc.tuple(whole, fc.nat()).map(([form, at]) => form.slice(0, at % form.length)) },
    {
      weight: 1,
      arbitrary: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '--fuzz--', '--fuzz')),
    },
  );
}

/** The parts of a form that is as described. */
function partsOf(document: ApiDocument, given: JsonSchema, hints: Hints): Arbitrary<string[]> {
  const schema = document.resolve(given);
  const files = Object.entries(schema.properties ?? {}).filter(([, { format }]) => format === 'binary');
  const file = fc.tuple(FILENAMES, BYTES);
  const fields = valid(document, schema, {
    ...hints,
    ...Object.fromEntries(files.map(([name]) => [name, file])),
  });
  return fields.map((values) =>
    Object.entries(values as object).flatMap(([name, value]): string[] => {
      if (files.some(([known]) => known === name)) {
        const [filename, bytes] = value;
        return [part(`name="${name}"; filename="${filename}"`, bytes, 'Content-Type: text/plain')];
      }
      if (typeof value !== 'object' || value === null) return [part(`name="${name}"`, String(value))];
      return Object.entries(value).map(([key, each]) => part(`name="${name}[${key}]"`, String(each)));
    }),
  );
}

function part(disposition: string, content: string, ...headers: string[]): string {
  const lines = ['--fuzz', `Content-Disposition: form-data; ${disposition}`, ...headers, '', content];
  return `${lines.join('\r\n')}\r\n`;
}
