import { describe, expect, test } from 'vitest';
import { providerOfModel } from '../../src/providers/model-names.ts';
import { PROVIDER_INFOS } from '../../src/providers/registry.ts';

/** Names as vendors document them. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  openai: `gpt-4o gpt-4.1-mini gpt-5 gpt-3.5-turbo o1 o1-mini o3 o3-deep-research o4-mini chatgpt-4o-latest
    codex-mini-latest computer-use-preview ft:gpt-4o-mini-2024-07-18:org::id`,
  anthropic: 'claude-sonnet-4-5 claude-3-5-haiku-20241022 claude-opus-4-1',
  gemini: 'gemini-2.5-pro gemini-3-flash-preview gemma-3-27b-it learnlm-2.0-flash-experimental',
  vertex_ai: 'claude-sonnet-4@20250514 mistral-large-2411@001 codestral-2501@latest',
  cohere: 'command-r-plus command-a-03-2025 command c4ai-aya-expanse-32b',
  ai21: 'j2-ultra jamba-large jamba-1.5-mini',
  mistral: `mistral-large-latest magistral-medium-2509 ministral-8b-latest codestral-latest devstral-small-2507
    pixtral-12b-2409 voxtral-small-latest open-mistral-nemo open-mixtral-8x22b open-codestral-mamba`,
  deepseek: 'deepseek-chat deepseek-reasoner deepseek-v4-pro',
  xai: 'grok-4 grok-3-mini grok-code-fast-1',
  perplexity: 'sonar sonar-pro sonar-deep-research',
  moonshot: 'kimi-k2-0905-preview kimi-latest moonshot-v1-8k',
  zai: 'glm-4.6 glm-4.5-air',
  dashscope:
    'qwen-max qwen-plus-latest qwen-turbo qwen3-max qwen3-coder-plus qwen3-vl-plus qwen2.5-vl-max qwq-plus',
  minimax: 'MiniMax-M2 abab6.5s-chat',
  volcengine: 'doubao-seed-1-6-251015',
  databricks: 'databricks-claude-sonnet-4',
  bedrock: `anthropic.claude-3-5-sonnet-20240620-v1:0 us.anthropic.claude-sonnet-4-20250514-v1:0 amazon.nova-pro-v1:0
    global.anthropic.claude-sonnet-4-5-20250929-v1:0 us-gov.anthropic.claude-3-haiku-20240307-v1:0
    meta.llama3-70b-instruct-v1:0 cohere.command-r-v1:0 mistral.mistral-large-2402-v1:0 openai.gpt-oss-120b-1:0
    arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0`,
};

describe.each(Object.entries(WELL_KNOWN))('%s', (provider, names) => {
  test('is a provider', () => {
    expect(PROVIDER_INFOS.map(({ name }) => name)).toContain(provider);
  });

  test.each(names.split(/\s+/))('has %s', (name) => {
    expect(providerOfModel(name)).toBe(provider);
  });
});

test.each([
  '',
  'llama-3.3-70b-versatile',
  'gpt-oss-120b',
  'gpt',
  'o2',
  'o365',
  'openai/gpt-4o',
  'my-gpt-4o',
  'GPT-4o',
  'mistral',
  'mixtral-8x7b-32768',
  'gemma2-9b-it',
  'qwen3-32b',
  'qwen2.5:7b',
  'deepseek-r1',
  'deepseek-chatty',
  'us.example.com',
  'anthropic.',
  'meta-llama/Llama-3.3-70B-Instruct',
  '__proto__',
])('%j is nobody’s', (name) => {
  expect(providerOfModel(name)).toBeNull();
});
