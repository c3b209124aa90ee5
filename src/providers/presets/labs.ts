import type { PreparedRequest } from '../request/prepared-request.ts';
import {
  effortAsThinking,
  NO_JSON_SCHEMA,
  OPENAI_ONLY,
  TO_MAX_COMPLETION_TOKENS,
  TO_MAX_TOKENS,
  temperatureUpTo,
  toolChoices,
} from './dialects.ts';
import type { Preset } from './preset.ts';

/** xAI's models that think, by its names for them. */
const GROK_REASONING = /^grok-(?:3-mini|code|[4-9])(?!.*non-reasoning)/;
const GROK_WHY = 'reasoning models refuse it';

/** Vendors that train their models. */
export const LABS: readonly Preset[] = [
  {
    name: 'deepseek',
    title: 'DeepSeek',
    apiBase: 'https://api.deepseek.com',
    keyVariables: ['DEEPSEEK_API_KEY'],
    baseVariables: ['DEEPSEEK_API_BASE'],
    docs: 'https://api-docs.deepseek.com/api/create-chat-completion',
    dialect: {
      unsupported: ['n', 'seed', 'logit_bias', 'parallel_tool_calls', ...OPENAI_ONLY],
      limits: [NO_JSON_SCHEMA],
      hints: [],
      rename: TO_MAX_TOKENS,
      toolTurnEchoes: ['reasoning_content'],
      adjust: thinkOrForce,
    },
    notes: [
      'Reasoning of earlier turns goes back only where tools were called in the turn: there DeepSeek demands it.',
      'A tool cannot be forced while the model thinks. A request that forces one turns thinking off, unless it asks for thinking: then it is refused.',
      '`reasoning_effort: none` turns thinking off.',
      '`insufficient_system_resource` is a broken answer, not an end.',
    ],
  },
  {
    name: 'xai',
    title: 'xAI',
    apiBase: 'https://api.x.ai/v1',
    keyVariables: ['XAI_API_KEY'],
    baseVariables: ['XAI_API_BASE'],
    docs: 'https://docs.x.ai/docs/api-reference#chat-completions',
    dialect: {
      unsupported: ['logit_bias', ...OPENAI_ONLY.filter((field) => field !== 'web_search_options')],
      limits: (['stop', 'frequency_penalty', 'presence_penalty'] as const).map((field) => ({
        field,
        models: GROK_REASONING,
        why: GROK_WHY,
      })),
      keeps: ['citations'],
    },
    notes: [
      '`completion_tokens` leaves reasoning out at xAI; here it is counted in, as OpenAI does.',
      'Reasoning models refuse `stop` and the penalties, and so does Sluice.',
      'The `citations` of a search become annotations.',
    ],
  },
  {
    name: 'perplexity',
    title: 'Perplexity',
    apiBase: 'https://api.perplexity.ai',
    keyVariables: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    baseVariables: ['PERPLEXITY_API_BASE'],
    docs: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
    dialect: {
      unsupported: [
        'n',
        'seed',
        'stop',
        'logit_bias',
        'logprobs',
        'top_logprobs',
        'tools',
        'tool_choice',
        'parallel_tool_calls',
        ...OPENAI_ONLY.filter((field) => field !== 'web_search_options'),
      ],
      hints: [],
      rename: TO_MAX_TOKENS,
      keeps: ['citations', 'search_results', 'images', 'related_questions', 'videos'],
    },
    notes: [
      'Sources come with every chunk; they are told once, as annotations and under `provider_specific_fields`.',
      'The whole answer so far comes with every chunk, too, and is not read; usage is cumulative, and the last counts.',
    ],
  },
  {
    name: 'moonshot',
    title: 'Moonshot AI (Kimi)',
    apiBase: 'https://api.moonshot.ai/v1',
    keyVariables: ['MOONSHOT_API_KEY'],
    baseVariables: ['MOONSHOT_API_BASE'],
    docs: 'https://platform.moonshot.ai/docs/api/chat',
    dialect: {
      unsupported: ['seed', 'logit_bias', 'logprobs', 'top_logprobs', 'parallel_tool_calls', ...OPENAI_ONLY],
      limits: [temperatureUpTo(1), toolChoices('auto', 'none', 'function')],
      hints: ['user', 'prompt_cache_key', 'safety_identifier'],
      rename: TO_MAX_TOKENS,
      toolTurnEchoes: ['reasoning_content'],
      adjust: effortAsThinking,
    },
    notes: [
      'Ids of tool calls such as `functions.add:0` are kept as they are.',
      'Usage is found within the choice, where older models put it.',
      '`reasoning_effort` becomes `thinking`, on or off; reasoning goes back in turns with tool calls.',
    ],
  },
  {
    name: 'zai',
    title: 'Z.ai (Zhipu)',
    apiBase: 'https://api.z.ai/api/paas/v4',
    keyVariables: ['ZAI_API_KEY'],
    baseVariables: ['ZAI_API_BASE'],
    docs: 'https://docs.z.ai/api-reference/llm/chat-completion',
    dialect: {
      unsupported: [
        'n',
        'seed',
        'frequency_penalty',
        'presence_penalty',
        'logit_bias',
        'logprobs',
        'top_logprobs',
        'parallel_tool_calls',
        ...OPENAI_ONLY,
      ],
      limits: [temperatureUpTo(1), toolChoices('auto'), NO_JSON_SCHEMA],
      hints: [],
      rename: TO_MAX_TOKENS,
      toolTurnEchoes: ['reasoning_content'],
      adjust: effortAsThinking,
    },
    notes: [
      '`reasoning_effort` becomes `thinking`, on or off; `thinking` itself passes as it is.',
      'Reasoning goes back in turns with tool calls.',
      '`sensitive` is `content_filter`; `network_error` is a broken answer.',
    ],
  },
  {
    name: 'minimax',
    title: 'MiniMax',
    apiBase: 'https://api.minimax.io/v1',
    keyVariables: ['MINIMAX_API_KEY'],
    baseVariables: ['MINIMAX_API_BASE'],
    docs: 'https://platform.minimax.io/docs/api-reference/text-openai-api',
    dialect: {
      unsupported: [
        'n',
        'frequency_penalty',
        'presence_penalty',
        'logit_bias',
        'logprobs',
        'top_logprobs',
        'parallel_tool_calls',
        'reasoning_effort',
        ...OPENAI_ONLY,
      ],
      limits: [temperatureUpTo(1)],
      hints: [],
      rename: TO_MAX_COMPLETION_TOKENS,
      reasoningDetails: true,
      adjust: (body) => {
        body.reasoning_split ??= true;
      },
    },
    notes: [
      'Reasoning is asked for apart from the text (`reasoning_split`), is read from `reasoning_details`, and goes back in the next turn.',
      'Usage comes on a second chunk with a finish reason, which counts once.',
    ],
  },
  {
    name: 'dashscope',
    title: 'Alibaba Cloud Model Studio (Qwen)',
    apiBase: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    keyVariables: ['DASHSCOPE_API_KEY'],
    baseVariables: ['DASHSCOPE_API_BASE'],
    docs: 'https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions',
    embeddings: { tokens: false },
    dialect: {
      unsupported: [
        'frequency_penalty',
        'logit_bias',
        ...OPENAI_ONLY.filter((field) => field !== 'modalities'),
      ],
      limits: [toolChoices('auto', 'none', 'function')],
      hints: [],
      rename: TO_MAX_TOKENS,
      adjust: (body) => {
        if (body.reasoning_effort === undefined) return;
        body.enable_thinking ??= body.reasoning_effort !== 'none';
        delete body.reasoning_effort;
      },
    },
    notes: [
      '`reasoning_effort` becomes `enable_thinking`; `thinking_budget` passes as it is.',
      'The address is that of Singapore; the one of Beijing is `https://dashscope.aliyuncs.com/compatible-mode/v1`.',
    ],
  },
  {
    name: 'volcengine',
    title: 'Volcano Engine (Doubao)',
    apiBase: 'https://ark.cn-beijing.volces.com/api/v3',
    keyVariables: ['VOLCENGINE_API_KEY', 'ARK_API_KEY'],
    baseVariables: ['VOLCENGINE_API_BASE'],
    docs: 'https://www.volcengine.com/docs/82379/1494384',
    embeddings: { tokens: false },
    dialect: {
      unsupported: ['n', 'seed', ...OPENAI_ONLY.filter((field) => field !== 'service_tier')],
      hints: [],
    },
  },
];

/** A forced tool and thinking exclude each other, and thinking is on by default. */
function thinkOrForce(body: Record<string, unknown>, request: PreparedRequest): void {
  if (body.reasoning_effort === 'none') {
    body.thinking ??= { type: 'disabled' };
    delete body.reasoning_effort;
  }
  const forced = typeof body.tool_choice === 'object' || body.tool_choice === 'required';
  const { type } = (body.thinking ?? {}) as { type?: unknown };
  if (!forced || type === 'disabled') return;
  if (body.thinking === undefined && body.reasoning_effort === undefined) {
    body.thinking = { type: 'disabled' };
    return;
  }
  request.refuse('tool_choice', 'a tool cannot be forced while the model thinks');
  delete body.tool_choice;
}
