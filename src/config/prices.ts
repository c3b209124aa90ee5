import type { DeploymentPrices } from './config.ts';
import type { ConfigPath, Problems } from './problems.ts';
import type { ModelInfo } from './schema.ts';

/**
 * The prices of a deployment; null where the file has none. Where the tokens of one direction have a price and
 * those of the other do not, which LiteLLM ignores, there is a warning. `path`: the model's entry.
 */
export function readPrices(given: ModelInfo, path: ConfigPath, problems: Problems): DeploymentPrices | null {
  const { input_cost_per_token: input, output_cost_per_token: output } = given;
  const { cache_read_input_token_cost: read, cache_creation_input_token_cost: write } = given;
  if (input !== undefined && output !== undefined) {
    return {
      inputCostPerToken: input,
      outputCostPerToken: output,
      cacheReadCostPerToken: read ?? null,
      cacheWriteCostPerToken: write ?? null,
    };
  }
  if ([input, output, read, write].some((price) => price !== undefined)) {
    const lacking = input === undefined ? 'input_cost_per_token' : 'output_cost_per_token';
    problems.warn(path, `its prices are ignored, because ${lacking} is not among them`);
  }
  return null;
}
