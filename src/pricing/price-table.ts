import type { Usage } from '../core/completion.ts';
import { fieldsOf } from '../core/json.ts';
import { cacheWritesOf, countOf } from './counts.ts';
import type { TableEntry } from './table-names.ts';

/**
 * The kept price table. `date` is the day on which this version of it was published, so no price in it is newer; it is
 * written into every cost. Raise it with the version: a test compares it with what is installed.
 */
export const PRICE_TABLE = {
  package: '@pydantic/genai-prices',
  version: '0.1.8',
  date: '2026-09-23',
} as const;

type Table = typeof import('@pydantic/genai-prices');

let loading: Promise<Table> | undefined;

/**
 * What a call cost at the list prices of its time, in US dollars; null if the table does not know the model, or has no
 * price for a direction that was used. The first call in a process loads the table.
 */
export async function priceByTable(
  usage: Usage,
  entries: readonly TableEntry[],
  at: Date,
): Promise<number | null> {
  loading ??= import('@pydantic/genai-prices');
  const table = await loading;
  const counts = countsOf(usage);
  for (const { model, ...where } of entries) {
    const usd = price(table, counts, model, { ...where, timestamp: at });
    if (usd !== null) return usd;
  }
  return null;
}

type Options = Parameters<Table['calcPrice']>[2];
type Counts = Parameters<Table['calcPrice']>[0];

function price(table: Table, counts: Counts, model: string, options: Options): number | null {
  try {
    const found = table.calcPrice(counts, model, options);
    // It has models without prices: free ones, and those that are not billed by the token.
    const { input_mtok: input, output_mtok: output } = found?.model_price ?? {};
    if (!found || input === undefined || (output === undefined && counts.output_tokens !== 0)) return null;
    return Number.isFinite(found.total_price) ? found.total_price : null;
  } catch {
    // It refuses counts that contradict each other, as more cached tokens than the prompt has.
    return null;
  }
}

/** Usage in the table's terms. What has no price of its own is priced as what it is a part of. */
function countsOf(usage: Usage): Counts {
  const { prompt_tokens_details: prompt = {}, completion_tokens_details: completion = {} } = usage;
  const lifetimes = fieldsOf(prompt.cache_creation_token_details);
  const given = {
    cache_read_tokens: countOf(prompt.cached_tokens),
    cache_write_tokens: cacheWritesOf(usage),
    cache_write_1h_tokens: countOf(lifetimes.ephemeral_1h_input_tokens),
    input_audio_tokens: countOf(prompt.audio_tokens),
    input_image_tokens: countOf(prompt.image_tokens),
    input_video_tokens: countOf(prompt.video_tokens),
    output_reasoning_tokens: countOf(completion.reasoning_tokens),
    output_audio_tokens: countOf(completion.audio_tokens),
    output_image_tokens: countOf(completion.image_tokens),
    web_searches: countOf(fieldsOf(fieldsOf(usage).server_tool_use).web_search_requests),
  };
  const counted = Object.entries(given).filter(([, tokens]) => tokens > 0);
  return {
    ...Object.fromEntries(counted),
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    // Nobody says how much of what was cached is not text.
    cache_audio_read_tokens: 0,
    cache_image_read_tokens: 0,
  };
}
