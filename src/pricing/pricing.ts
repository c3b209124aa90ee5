import type { Deployment } from '../config/config.ts';
import type { CompletionRequest, Usage } from '../core/completion.ts';
import { type Cost, type CostSource, roundUsd } from '../core/cost.ts';
import { type EmbeddingRequest, promptUsage } from '../core/embedding.ts';
import type { Fold } from '../core/fold.ts';
import { priceByDeployment, reportedCost } from './known-prices.ts';
import { PRICE_TABLE, priceByTable } from './price-table.ts';
import { tableEntries } from './table-names.ts';
import { answerCountable, type Countable, inputCountable, requestCountable } from './texts.ts';
import { TokenCounter } from './token-counter.ts';

/** Who was called, and when. */
interface Called {
  readonly deployment: Deployment;
  /** The model that was asked for upstream. */
  readonly model: string;
  readonly startedAt: Date;
}

/** A call that a provider answered, wholly or in part, or may have begun to answer. */
export interface BillableCall extends Called {
  readonly request: CompletionRequest;
  /** What came. */
  readonly fold: Fold;
}

/** The same of a call for embeddings. */
export interface BillableEmbeddings extends Called {
  readonly request: EmbeddingRequest;
  /** What the provider said; null if nothing. */
  readonly usage: Usage | null;
}

/** What a call used and cost. Without a cost, it is unknown. */
export interface Bill {
  readonly usage: Usage | null;
  readonly cost: Cost | null;
}

/** What a call cost that the provider refused. */
export const NOT_BILLED: Cost = { usd: 0, estimated: false, source: 'not_billed' };

/** Tiers of service that list prices are for. Others cost more or less, and the table does not say how much. */
const USUAL_TIERS: ReadonlySet<string> = new Set([
  'auto',
  'default',
  'on_demand',
  'standard',
  'standard_only',
]);

/** Says what calls used and what they cost. */
export class Pricing {
  readonly #counter: TokenCounter;

  constructor(counter: TokenCounter = new TokenCounter()) {
    this.#counter = counter;
  }

  /** Never rejects; a cost that cannot be known is null. */
  async bill(call: BillableCall): Promise<Bill> {
    const usage = await this.#usageOf(call);
    return { usage, cost: await costOf(call, usage, tierOf(call)) };
  }

  /** The same of embeddings, for which there is only input, and one tier. */
  async billEmbeddings(call: BillableEmbeddings): Promise<Bill> {
    const sent = call.usage;
    const usage =
      sent !== null && sent.prompt_tokens > 0
        ? sent
        : { ...promptUsage(await this.#count(inputCountable(call.request))), estimated: true };
    return { usage, cost: await costOf(call, usage, 'default') };
  }

  /** The provider's counts, where it finished and sent them; otherwise ours, and whatever it sent before. */
  async #usageOf({ fold, request }: BillableCall): Promise<Usage> {
    const sent = fold.usage;
    const silent = sent === null || sent.prompt_tokens + sent.completion_tokens === 0;
    if (!silent && fold.finished) return sent;
    const asked = sent?.prompt_tokens || this.#count(requestCountable(request));
    const answer = this.#count(answerCountable(fold.completion(NOBODY)));
    const [prompt, shown] = await Promise.all([asked, answer]);
    // What a provider says on the way is what it had counted by then, thoughts that it does not show included.
    const completion = Math.max(shown, sent?.completion_tokens ?? 0);
    return {
      ...sent,
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      estimated: true,
    };
  }

  async #count({ texts, tokens }: Countable): Promise<number> {
    return tokens + (await this.#counter.count(texts));
  }
}

const NOBODY = { id: '', created: 0, model: '' };

async function costOf(call: Called, usage: Usage, tier: string): Promise<Cost | null> {
  const { deployment, model, startedAt } = call;
  const estimated = usage.estimated === true;
  const cost = (usd: number, source: CostSource): Cost => ({ usd: roundUsd(usd), estimated, source });
  if (deployment.prices !== null) return cost(priceByDeployment(usage, deployment.prices), 'deployment');
  const reported = reportedCost(deployment.provider, usage);
  if (reported !== null) return cost(reported, 'provider');
  const entries = tableEntries(deployment, model);
  if (entries.length === 0 || !USUAL_TIERS.has(tier)) return null;
  const usd = await priceByTable(usage, entries, startedAt);
  return usd === null ? null : { ...cost(usd, 'price_table'), price_date: PRICE_TABLE.date };
}

/** The tier of service that the provider says it used, else the one that it was asked for. */
function tierOf({ fold, request, deployment }: BillableCall): string {
  const { serviceTier: said } = fold;
  if (said !== null && said !== 'auto') return said;
  const asked = request.service_tier ?? deployment.params.service_tier;
  return typeof asked === 'string' ? asked : 'default';
}
