import type { DeploymentPrices } from '../config/config.ts';
import type { Usage } from '../core/completion.ts';
import { type Fields, fieldsOf } from '../core/json.ts';
import { cacheWritesOf, countOf, isAmount } from './counts.ts';

/** What a call cost at the prices of the configuration, in US dollars. */
export function priceByDeployment(usage: Usage, prices: DeploymentPrices): number {
  const { inputCostPerToken, outputCostPerToken, cacheReadCostPerToken, cacheWriteCostPerToken } = prices;
  const read = countOf(usage.prompt_tokens_details?.cached_tokens);
  const written = cacheWritesOf(usage);
  const plain = Math.max(0, usage.prompt_tokens - read - written);
  return (
    plain * inputCostPerToken +
    read * (cacheReadCostPerToken ?? inputCostPerToken) +
    written * (cacheWriteCostPerToken ?? inputCostPerToken) +
    usage.completion_tokens * outputCostPerToken
  );
}

/** xAI counts in these. */
const TICKS_PER_USD = 1e10;

/** Where providers say in their usage what the call cost. Of others, a field of such a name may mean anything. */
const REPORTS: Readonly<Record<string, (usage: Fields) => unknown>> = {
  openrouter: openRouterCost,
  xai: ({ cost_in_usd_ticks: ticks }) => (isAmount(ticks) ? ticks / TICKS_PER_USD : null),
  perplexity: ({ cost }) => fieldsOf(cost).total_cost,
  deepinfra: ({ estimated_cost }) => estimated_cost,
};

/** What the provider itself says that a call cost, in US dollars; null if it does not. */
export function reportedCost(provider: string, usage: Usage): number | null {
  if (!Object.hasOwn(REPORTS, provider)) return null;
  const usd = REPORTS[provider]?.({ ...usage });
  return isAmount(usd) ? usd : null;
}

/** Credits are dollars. With a key of one's own the model's provider sends a bill, too. */
function openRouterCost({ cost, is_byok, cost_details }: Fields): unknown {
  if (is_byok !== true || !isAmount(cost)) return cost;
  const { upstream_inference_cost: upstream } = fieldsOf(cost_details);
  return isAmount(upstream) ? cost + upstream : null;
}
