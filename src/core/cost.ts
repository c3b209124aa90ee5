/**
 * Whose number a cost is. `deployment`: prices of the configuration. `provider`: the provider said it with its
 * usage. `price_table`: list prices as of `price_date`. `not_billed`: the provider refused the call.
 */
export const COST_SOURCES = ['deployment', 'provider', 'price_table', 'not_billed'] as const;
export type CostSource = (typeof COST_SOURCES)[number];

/** What one attempt cost, as the record keeps it and surfaces write it. */
export interface Cost {
  /** US dollars. */
  readonly usd: number;
  /** Tokens had to be counted, because the provider sent no usage or not all of it. */
  readonly estimated: boolean;
  readonly source: CostSource;
  /** The day of the price table, as `2026-09-23`; with `price_table` only. */
  readonly price_date?: string;
}

/** What a job cost: all its attempts, because all are billed. */
export type TotalCost = Pick<Cost, 'usd' | 'estimated'>;

/** The sum over a job's attempts; null if what any of them cost is unknown, because a part is not the whole. */
export function totalCost(costs: readonly (Cost | null)[]): TotalCost | null {
  let usd = 0;
  let estimated = false;
  for (const cost of costs) {
    if (cost === null) return null;
    usd += cost.usd;
    estimated ||= cost.estimated;
  }
  return { usd: roundUsd(usd), estimated };
}

/** Without the noise of binary fractions: to a millionth of a millionth of a dollar. */
export function roundUsd(usd: number): number {
  return Number(usd.toFixed(12));
}
