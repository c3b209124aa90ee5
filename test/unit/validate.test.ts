import { expect, it } from 'vitest';
import { z } from 'zod';
import { validate } from '../../src/surfaces/validate.ts';

const thousand = Array.from({ length: 1000 }, () => 7);

it.each<[string, (bad: z.ZodType) => z.ZodType, unknown]>([
  ['a list', (bad) => z.array(bad), thousand],
  ['a list or text', (bad) => z.union([z.string(), z.array(bad)]), thousand],
  ['a list of lists', (bad) => z.array(z.array(bad)), [thousand, thousand]],
  ['lists in objects', (bad) => z.array(z.strictObject({ all: z.array(bad).min(1) })), [{ all: thousand }]],
])('stops at the first mistake in %s', (_, schemaOf, value) => {
  let checked = 0;
  const bad = z.custom(() => {
    checked += 1;
    return false;
  });
  expect(() => validate(schemaOf(bad), value)).toThrow('Invalid');
  expect(checked).toBe(1);
});

it('names what was misspelt rather than what is missing for it, wherever it stands', () => {
  const schema = z.strictObject({ items: z.array(z.strictObject({ name: z.string(), size: z.int() })) });
  expect(() => validate(schema, { item: [] })).toThrow("Unknown parameter: 'item'. Did you mean 'items'?");
  expect(() => validate(schema, { items: [{ nmae: 'a', size: 1 }] })).toThrow(
    "Unknown parameter: 'items[0].nmae'. Did you mean 'name'?",
  );
});

it('compares no name that is like none', () => {
  const began = performance.now();
  const schema = z.strictObject({ items: z.array(z.string()).optional() });
  expect(() => validate(schema, { ['k'.repeat(3_000_000)]: 1 })).toThrow('Known here: items.');
  expect(performance.now() - began).toBeLessThan(1000);
});
