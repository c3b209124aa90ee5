import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { PRICE_TABLE } from '../../src/pricing/price-table.ts';
import { TABLE_IDS } from '../../src/pricing/table-names.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DAY = 24 * 60 * 60 * 1000;

/** The days on which prices began, as the table has them. */
function startDates(): string[] {
  const providers = [...new Set(Object.values(TABLE_IDS))].map((id) => findProvider({ providerId: id }));
  const models = providers.flatMap((provider) => provider?.models ?? []);
  return models
    .flatMap(({ prices }) => (Array.isArray(prices) ? prices : []))
    .flatMap(({ constraint }) => (constraint?.type === 'start_date' ? constraint.start_date : []));
}

describe('the price table', () => {
  it('is of the version whose date is shown', () => {
    const { package: name, version } = PRICE_TABLE;
    const entry = createRequire(import.meta.url).resolve(name);
    const installed = JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8'));
    expect(installed).toMatchObject({ name, version });
    expect(JSON.parse(read('package.json')).dependencies[name]).toBe(version);
  });

  it('has a date shortly after its newest price', () => {
    const date = Date.parse(PRICE_TABLE.date);
    const ages = startDates()
      .map((start) => (date - Date.parse(start)) / DAY)
      .filter((age) => age >= 0);
    expect(ages.length).toBeGreaterThan(5);
    expect(Math.min(...ages)).toBeLessThan(14);
  });

  it('has the date that the documentation shows', () => {
    for (const path of ['docs/operations.md', 'docs/decisions/0014-cost.md']) {
      expect(read(path)).toContain(PRICE_TABLE.date);
    }
  });

  it.each(Object.entries(TABLE_IDS))('knows %s as %s', (_, id) => {
    expect(findProvider({ providerId: id })?.id).toBe(id);
  });
});
