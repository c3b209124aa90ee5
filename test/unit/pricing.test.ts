import { afterAll, describe, expect, it } from 'vitest';
import type { Usage } from '../../src/core/completion.ts';
import { totalCost } from '../../src/core/cost.ts';
import { costOf } from '../../src/core/job.ts';
import { Pricing } from '../../src/pricing/pricing.ts';
import { TokenCounter } from '../../src/pricing/token-counter.ts';
import { type PricedOptions, pricedCall, tokens, WHOLE } from '../support/priced-call.ts';

const counter = new TokenCounter();
const pricing = new Pricing(counter);
afterAll(() => counter.close());

async function cost(name: string, usage: Usage, options: PricedOptions = {}) {
  return (await pricing.bill(pricedCall(name, usage, options))).cost;
}

async function usd(name: string, usage: Usage, options: PricedOptions = {}): Promise<number | undefined> {
  return (await cost(name, usage, options))?.usd;
}

const MILLION = 1_000_000;
const PRICES = {
  inputCostPerToken: 0.001,
  outputCostPerToken: 0.01,
  cacheReadCostPerToken: null,
  cacheWriteCostPerToken: null,
};

describe('list prices', () => {
  it('say whose they are and of which day', async () => {
    expect(await cost('openai/gpt-4o', tokens(1000, 100))).toEqual({
      usd: 0.0035,
      estimated: false,
      source: 'price_table',
      price_date: '2026-09-23',
    });
  });

  // Dollars for a million tokens, as the vendors' pages had them: input, output.
  it.each([
    ['openai/gpt-4o', 2.5, 10],
    ['openai/gpt-4o-mini', 0.15, 0.6],
    ['openai/responses/o3', 2, 8],
    ['anthropic/claude-opus-4-1-20250805', 15, 75],
    ['anthropic/claude-haiku-4-5', 1, 5],
    ['gemini/gemini-2.5-flash', 0.3, 2.5],
    ['gemini/models/gemini-2.5-flash', 0.3, 2.5],
    ['vertex_ai/claude-haiku-4-5@20251001', 1, 5],
    ['bedrock/amazon.nova-pro-v1:0', 0.8, 3.2],
    ['bedrock/converse/us.amazon.nova-pro-v1:0', 0.8, 3.2],
    ['bedrock/invoke/eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3, 16.5],
    ['bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0', 3, 15],
    [
      'bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      3.3,
      16.5,
    ],
    ['azure/gpt-4o', 2.5, 10],
    ['azure_ai/grok-3', 3, 15],
    ['groq/llama-3.3-70b-versatile', 0.59, 0.79],
    ['mistral/mistral-large-latest', 2, 6],
    ['cohere_chat/command-a-03-2025', 2.5, 10],
    ['together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo', 0.88, 0.88],
    ['fireworks_ai/deepseek-r1-0528', 3, 8],
    ['fireworks_ai/accounts/fireworks/models/deepseek-r1-0528', 3, 8],
    ['xai/grok-3', 3, 15],
    ['openrouter/openai/gpt-4o', 2.5, 10],
  ])('of %s are %f and %f', async (name, input, output) => {
    // Few enough to stay below the tiers of long prompts.
    expect(await usd(name, tokens(10_000, 1000))).toBeCloseTo((10_000 * input + 1000 * output) / MILLION, 12);
  });

  it('count what was read from a cache, and what was written into one, at its rate', async () => {
    const usage = tokens(10_000, 100, {
      prompt_tokens_details: { cached_tokens: 6000, cache_creation_tokens: 3000 },
    });
    // Claude Opus 4.1: 15 in, 75 out, 1.5 read, 18.75 written.
    const expected = (1000 * 15 + 6000 * 1.5 + 3000 * 18.75 + 100 * 75) / MILLION;
    expect(await usd('anthropic/claude-opus-4-1', usage)).toBeCloseTo(expected, 12);
  });

  it('are higher for what a cache keeps for an hour', async () => {
    const usage = tokens(10_000, 0, {
      prompt_tokens_details: {
        cache_creation_tokens: 10_000,
        cache_creation_token_details: { ephemeral_5m_input_tokens: 4000, ephemeral_1h_input_tokens: 6000 },
      },
    });
    const expected = (4000 * 18.75 + 6000 * 30) / MILLION;
    expect(await usd('anthropic/claude-opus-4-1', usage)).toBeCloseTo(expected, 12);
  });

  it('count reasoning as output, once', async () => {
    const usage = tokens(1000, 500, { completion_tokens_details: { reasoning_tokens: 400 } });
    expect(await usd('openai/gpt-5', usage)).toBeCloseTo((1000 * 1.25 + 500 * 10) / MILLION, 12);
  });

  it('count reasoning at its own rate, where it has one', async () => {
    const usage = tokens(1000, 500, { completion_tokens_details: { reasoning_tokens: 400 } });
    const expected = (1000 * 2 + 100 * 8 + 400 * 3) / MILLION;
    expect(await usd('perplexity/sonar-deep-research', usage)).toBeCloseTo(expected, 12);
  });

  it('rise with a long prompt, for the whole of it', async () => {
    const long = tokens(300_000, 1000);
    expect(await usd('gemini/gemini-2.5-pro', long)).toBeCloseTo((300_000 * 2.5 + 1000 * 15) / MILLION, 12);
    const short = tokens(200_000, 1000);
    expect(await usd('gemini/gemini-2.5-pro', short)).toBeCloseTo((200_000 * 1.25 + 1000 * 10) / MILLION, 12);
  });

  it('are those of the time of the call', async () => {
    const at = (time: string) =>
      usd('deepseek/deepseek-v4-pro', tokens(MILLION, 0), { startedAt: new Date(time) });
    expect(await at('2026-08-16T12:00:00Z')).toBeCloseTo(0.435, 12);
    expect(await at('2026-09-01T12:00:00Z')).toBeCloseTo(0.66, 12);
    expect(await at('2026-09-01T02:00:00Z')).toBeCloseTo(1.32, 12);
  });

  it('count sound, images that were made and searches apart', async () => {
    const heard = tokens(1000, 0, { prompt_tokens_details: { audio_tokens: 600, cached_tokens: 100 } });
    // Gemini 2.5 Flash: 0.3 for text, 1 for sound, 0.03 from the cache.
    expect(await usd('gemini/gemini-2.5-flash', heard)).toBeCloseTo(
      (300 * 0.3 + 600 * 1 + 100 * 0.03) / MILLION,
      12,
    );
    const drawn = tokens(0, 1300, { completion_tokens_details: { image_tokens: 1290 } });
    expect(await usd('gemini/gemini-2.5-flash-image', drawn)).toBeCloseTo(
      (10 * 2.5 + 1290 * 30) / MILLION,
      12,
    );
    const searched = { ...tokens(1000, 0), server_tool_use: { web_search_requests: 2 } };
    expect(await usd('anthropic/claude-opus-4-1', searched)).toBeCloseTo(0.015 + 0.02, 12);
  });
});

describe('a cost is unknown', () => {
  it.each([
    ['of a model that the table does not have', 'openai/gpt-17'],
    ['of a name that only begins like a known one', 'openai/gpt-4o-of-ours'],
    ['of a deployment of Azure with a name of its own', 'azure/our-chat'],
    [
      'of an application profile of Bedrock',
      'bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/a',
    ],
    ['of a free model, which the table lists without prices', 'gemini/gemma-3-27b-it'],
    ['of a model that is not billed by tokens of both directions', 'openai/text-embedding-3-small'],
    ['of a server of one’s own', 'ollama/llama3.3'],
    ['of a server that calls itself like a vendor', 'openai_like/gpt-4o'],
    ['of a server of one’s own that runs a vendor’s model', 'hosted_vllm/gpt-4o'],
    ['of the scripted provider', 'scripted/gpt-4o'],
    ['of what Hugging Face routes where it likes', 'huggingface/openai/gpt-oss-20b'],
  ])('%s', async (_, name) => {
    expect(await cost(name, tokens(1000, 100))).toBeNull();
  });

  it('of `openai` at an address that is not a vendor’s', async () => {
    const at = (apiBase: string, model = 'gpt-4o') =>
      usd(`openai/${model}`, tokens(1000, 100), { deployment: { apiBase } });
    expect(await at('http://127.0.0.1:8000/v1')).toBeUndefined();
    expect(await at('https://api.openai.com/v1')).toBe(0.0035);
    expect(await at('https://api.groq.com/openai/v1', 'llama-3.3-70b-versatile')).toBeCloseTo(0.000669, 12);
  });

  it('in a tier of service that list prices are not for', async () => {
    const request = (service_tier?: string) => ({ model: 'm', messages: [], service_tier });
    const served = (said: string | null, asked?: string) =>
      usd('openai/gpt-4o', tokens(1000, 100), {
        request: request(asked),
        deltas: [
          { type: 'start', choice: 0, ...(said !== null && { service_tier: said }) },
          ...WHOLE.slice(1),
        ],
      });
    for (const [said, asked] of [
      ['default'],
      ['default', 'priority'],
      ['auto'],
      [null, 'auto'],
      [null],
    ] as const) {
      expect(await served(said, asked)).toBe(0.0035);
    }
    for (const [said, asked] of [['flex'], ['priority', 'auto'], ['auto', 'flex'], [null, 'flex']] as const) {
      expect(await served(said, asked)).toBeUndefined();
    }
  });

  it('of counts that contradict each other', async () => {
    const usage = tokens(10, 1, { prompt_tokens_details: { cached_tokens: 11 } });
    expect(await cost('openai/gpt-4o', usage)).toBeNull();
  });
});

describe('a base model', () => {
  it.each([
    ['azure/our-chat', 'gpt-4o'],
    ['azure/our-chat', 'azure/gpt-4o'],
    ['openai/our-chat', 'gpt-4o'],
    ['hosted_vllm/our-chat', 'openai/gpt-4o'],
  ])('of %s may be %s', async (name, baseModel) => {
    const apiBase = 'http://127.0.0.1:8000/v1';
    expect(await usd(name, tokens(1000, 100), { deployment: { baseModel, apiBase } })).toBe(0.0035);
  });

  it('goes before the name of the model, even if it is not known', async () => {
    const deployment = { baseModel: 'nobody-knows-it' };
    expect(await cost('openai/gpt-4o', tokens(1000, 100), { deployment })).toBeNull();
  });
});

describe('prices of the configuration', () => {
  it('go before all others', async () => {
    const usage = { ...tokens(100, 10), cost: 5 };
    const expected = { usd: 0.2, estimated: false, source: 'deployment' };
    expect(await cost('openai/gpt-4o', usage, { deployment: { prices: PRICES } })).toEqual(expected);
    expect(await cost('openrouter/a/b', usage, { deployment: { prices: PRICES } })).toEqual(expected);
  });

  it('may be free', async () => {
    const prices = { ...PRICES, inputCostPerToken: 0, outputCostPerToken: 0 };
    expect(await usd('ollama/llama3.3', tokens(100, 10), { deployment: { prices } })).toBe(0);
  });

  it('may have rates for what was read from a cache or written into one', async () => {
    const usage = tokens(100, 0, { prompt_tokens_details: { cached_tokens: 50, cache_creation_tokens: 30 } });
    expect(await usd('openai/x', usage, { deployment: { prices: PRICES } })).toBeCloseTo(0.1, 12);
    const prices = { ...PRICES, cacheReadCostPerToken: 0.0001, cacheWriteCostPerToken: 0.002 };
    expect(await usd('openai/x', usage, { deployment: { prices } })).toBeCloseTo(0.02 + 0.005 + 0.06, 12);
  });
});

describe('what a provider says that it cost', () => {
  const from = (name: string, fields: object) => cost(name, { ...tokens(1000, 100), ...fields });
  const said = (amount: number) => ({ usd: amount, estimated: false, source: 'provider' });

  it.each([
    ['OpenRouter', 'openrouter/openai/gpt-4o', { cost: 0.25, is_byok: false }, 0.25],
    ['OpenRouter, of a free model', 'openrouter/google/gemma-3-27b-it:free', { cost: 0 }, 0],
    [
      'OpenRouter, which repeats it',
      'openrouter/openai/gpt-4o',
      { cost: 0.25, is_byok: false, cost_details: { upstream_inference_cost: 0.25 } },
      0.25,
    ],
    [
      'OpenRouter, with a key of one’s own',
      'openrouter/openai/gpt-4o',
      { cost: 0.01, is_byok: true, cost_details: { upstream_inference_cost: 0.25 } },
      0.26,
    ],
    ['xAI', 'xai/grok-3', { cost_in_usd_ticks: 37_756_000 }, 0.0037756],
    ['Perplexity', 'perplexity/sonar-pro', { cost: { request_cost: 0.006, total_cost: 0.012609 } }, 0.012609],
    ['DeepInfra', 'deepinfra/some/model', { estimated_cost: 0.0000268 }, 0.0000268],
  ])('counts: %s', async (_, name, fields, amount) => {
    expect(await from(name, fields)).toEqual(said(amount));
  });

  it('does not count where nobody knows what it means', async () => {
    expect(await from('hosted_vllm/x', { cost: 3 })).toBeNull();
    expect(await from('openai/gpt-4o', { cost: 3 })).toMatchObject({ usd: 0.0035, source: 'price_table' });
  });

  it.each([[-1], ['0.5'], [null], [Number.NaN]])('does not count if it is %j', async (amount) => {
    expect(await from('openrouter/openai/gpt-4o', { cost: amount })).toMatchObject({ source: 'price_table' });
  });
});

describe('a job', () => {
  const known = (amount: number, estimated = false) =>
    ({ usd: amount, estimated, source: 'price_table', price_date: '2026-09-23' }) as const;

  it('costs what all its attempts cost, without the noise of fractions', () => {
    expect(totalCost([known(0.1), known(0.2)])).toEqual({ usd: 0.3, estimated: false });
    expect(totalCost([known(0.1, true), known(0.2)])).toEqual({ usd: 0.3, estimated: true });
  });

  it('has no cost that is only a part of it', () => {
    expect(totalCost([known(0.1), null])).toBeNull();
  });

  it('that was never attempted cost nothing, once it has settled', () => {
    expect(costOf({ status: 'cancelled', attempts: [] })).toEqual({ usd: 0, estimated: false });
    expect(costOf({ status: 'queued', attempts: [] })).toBeNull();
  });
});
