import { effortInReasoning, OPENAI_ONLY, TO_MAX_COMPLETION_TOKENS, TO_MAX_TOKENS } from './dialects.ts';
import type { Preset } from './preset.ts';

/** Vendors that sell the models of others, and clouds. */
export const GATEWAYS: readonly Preset[] = [
  {
    name: 'openrouter',
    title: 'OpenRouter',
    apiBase: 'https://openrouter.ai/api/v1',
    keyVariables: ['OPENROUTER_API_KEY', 'OR_API_KEY'],
    baseVariables: ['OPENROUTER_API_BASE'],
    docs: 'https://openrouter.ai/docs/api-reference/chat-completion',
    embeddings: { user: true },
    dialect: {
      caches: true,
      unsupported: ['audio'],
      hints: ['user', 'prompt_cache_key', 'safety_identifier'],
      reasoningDetails: true,
      echoes: ['extra_content'],
      finishOptional: true,
      usageFollowsErrors: true,
      adjust: (body) => {
        effortInReasoning(body);
        body.usage ??= { include: true };
      },
    },
    notes: [
      '`reasoning_effort` becomes `reasoning`; what else OpenRouter has (`provider`, `models`, `plugins`, …) passes as it is.',
      '`reasoning_details` are in `provider_specific_fields` of the answer and go back in the next turn; their text is not repeated where `reasoning` has it.',
      '`native_finish_reason` is kept, the cost is in the usage, and generated images are in `provider_specific_fields.images`.',
      'Some models end without a finish reason; `[DONE]` is then the end.',
      'The usage of an answer that broke off comes behind the error and is waited for.',
      '`x-ratelimit-reset` says when to try again.',
    ],
  },
  {
    name: 'vercel_ai_gateway',
    title: 'Vercel AI Gateway',
    apiBase: 'https://ai-gateway.vercel.sh/v1',
    keyVariables: ['VERCEL_AI_GATEWAY_API_KEY', 'AI_GATEWAY_API_KEY', 'VERCEL_OIDC_TOKEN'],
    baseVariables: ['VERCEL_AI_GATEWAY_API_BASE'],
    docs: 'https://vercel.com/docs/ai-gateway/openai-compat',
    embeddings: { user: true },
    dialect: {
      caches: true,
      unsupported: ['audio', 'prediction', 'web_search_options'],
      reasoningDetails: true,
      echoes: ['extra_content'],
      rename: TO_MAX_TOKENS,
      adjust: effortInReasoning,
    },
    notes: [
      '`reasoning_effort` becomes `reasoning`; `reasoning_details` go back in the next turn.',
      '`providerOptions` passes as it is.',
    ],
  },
  {
    name: 'github',
    title: 'GitHub Models',
    apiBase: 'https://models.github.ai/inference',
    keyVariables: ['GITHUB_API_KEY', 'GITHUB_TOKEN'],
    baseVariables: ['GITHUB_API_BASE'],
    docs: 'https://docs.github.com/en/rest/models/inference',
    embeddings: { user: true },
    dialect: { unsupported: OPENAI_ONLY.filter((field) => field !== 'modalities'), hints: [] },
    notes: ['Models are `publisher/name`: `github/openai/gpt-4.1`.'],
  },
  {
    name: 'cloudflare',
    title: 'Cloudflare Workers AI',
    apiBase: 'https://api.cloudflare.com/client/v4/accounts/{cloudflare_account_id}/ai/v1',
    keyVariables: ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_TOKEN'],
    baseVariables: ['CLOUDFLARE_API_BASE'],
    settings: [
      {
        name: 'cloudflare_account_id',
        variables: ['CLOUDFLARE_ACCOUNT_ID'],
        about: 'the id of the account, which is part of the address',
        required: 'without_base',
      },
    ],
    docs: 'https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/',
    embeddings: { tokens: false, dimensions: false },
    dialect: {
      unsupported: ['n', 'logit_bias', 'logprobs', 'top_logprobs', 'parallel_tool_calls', ...OPENAI_ONLY],
      hints: [],
      rename: TO_MAX_TOKENS,
    },
    notes: ['Models keep their `@`: `cloudflare/@cf/meta/llama-3.1-8b-instruct`.'],
  },
  {
    name: 'databricks',
    title: 'Databricks',
    apiBase: 'https://{databricks_host}/serving-endpoints',
    keyVariables: ['DATABRICKS_API_KEY', 'DATABRICKS_TOKEN'],
    baseVariables: ['DATABRICKS_API_BASE'],
    settings: [
      {
        name: 'databricks_host',
        variables: ['DATABRICKS_HOST'],
        about: 'the host of the workspace, as `adb-1234567890123456.7.azuredatabricks.net`',
        required: 'without_base',
      },
    ],
    docs: 'https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference',
    embeddings: { tokens: false },
    dialect: {
      unsupported: ['seed', 'logit_bias', 'parallel_tool_calls', ...OPENAI_ONLY],
      hints: [],
      rename: TO_MAX_TOKENS,
    },
    notes: [
      'The key is a personal access token, or any other token of the workspace; none is fetched for a client id and secret.',
      'Content that is an array is read: text, and the summary of reasoning.',
    ],
  },
  {
    name: 'snowflake',
    title: 'Snowflake Cortex',
    apiBase: 'https://{account_id}.snowflakecomputing.com/api/v2/cortex/v1',
    keyVariables: ['SNOWFLAKE_JWT', 'SNOWFLAKE_PAT'],
    baseVariables: ['SNOWFLAKE_API_BASE'],
    settings: [
      {
        name: 'account_id',
        variables: ['SNOWFLAKE_ACCOUNT_ID', 'SNOWFLAKE_ACCOUNT'],
        about: 'the identifier of the account, as `myorg-myaccount`',
        required: 'without_base',
      },
    ],
    docs: 'https://docs.snowflake.com/en/user-guide/snowflake-cortex/open_ai_sdk',
    dialect: {
      unsupported: ['n', 'seed', 'logit_bias', ...OPENAI_ONLY],
      rename: TO_MAX_COMPLETION_TOKENS,
      reasoningDetails: true,
      finishOptional: true,
      adjust: (body, { model }) => {
        if (model.startsWith('claude')) effortInReasoning(body);
      },
    },
    keyOf: (key) => key.replace(/^pat\//, ''),
    notes: [
      'There is never a finish reason; `[DONE]` is the end, and without it the answer counts as cut.',
      'Reasoning is read from `reasoning_details`, which go back in the next turn; `reasoning_effort` becomes `reasoning` for Claude.',
      'A key may be a programmatic access token (LiteLLM writes `pat/…`), a key-pair JWT or an OAuth token.',
    ],
  },
];
