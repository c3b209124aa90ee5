import { TO_MAX_TOKENS } from './dialects.ts';
import type { Preset } from './preset.ts';

/** Servers that people run themselves. */
export const OWN_SERVERS: readonly Preset[] = [
  {
    name: 'hosted_vllm',
    title: 'vLLM',
    apiBase: null,
    keyVariables: ['HOSTED_VLLM_API_KEY'],
    keyOptional: true,
    baseVariables: ['HOSTED_VLLM_API_BASE'],
    docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
    embeddings: { user: true },
    dialect: { unsupported: ['prediction', 'web_search_options', 'verbosity', 'audio'] },
    notes: [
      'What vLLM has beyond OpenAI passes as it is: `guided_json`, `structured_outputs`, `chat_template_kwargs`, `top_k`, ….',
      '`abort` is a broken answer, not an end.',
    ],
  },
  {
    name: 'llamacpp',
    title: 'llama.cpp',
    apiBase: 'http://127.0.0.1:8080/v1',
    keyVariables: ['LLAMACPP_API_KEY'],
    keyOptional: true,
    baseVariables: ['LLAMACPP_API_BASE'],
    docs: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
    embeddings: {},
    dialect: {
      unsupported: ['n', 'modalities', 'audio', 'prediction', 'verbosity', 'web_search_options'],
      hints: [],
      rename: TO_MAX_TOKENS,
    },
    notes: [
      'An error inside a stream is read also where its line begins with `error:` in place of `data:`.',
      '`grammar`, `json_schema`, `cache_prompt` and the like pass as they are; `timings` are not reported.',
    ],
  },
  {
    name: 'lm_studio',
    title: 'LM Studio',
    apiBase: 'http://localhost:1234/v1',
    keyVariables: ['LM_STUDIO_API_KEY'],
    keyOptional: true,
    baseVariables: ['LM_STUDIO_API_BASE'],
    docs: 'https://lmstudio.ai/docs/app/api/endpoints/openai',
    embeddings: { tokens: false, dimensions: false },
    dialect: {
      unsupported: ['n', 'modalities', 'audio', 'prediction', 'verbosity', 'web_search_options'],
      hints: [],
      rename: TO_MAX_TOKENS,
    },
  },
  {
    name: 'tgi',
    title: 'Text Generation Inference',
    apiBase: null,
    keyVariables: ['TGI_API_KEY'],
    keyOptional: true,
    baseVariables: ['TGI_API_BASE'],
    docs: 'https://huggingface.co/docs/text-generation-inference/messages_api',
    dialect: {
      unsupported: [
        'n',
        'parallel_tool_calls',
        'reasoning_effort',
        'modalities',
        'audio',
        'prediction',
        'verbosity',
        'web_search_options',
      ],
      hints: [],
      rename: TO_MAX_TOKENS,
      stopsAfterCalls: true,
    },
    notes: [
      'This is its OpenAI-compatible route; for its own see `huggingface/tgi/…`.',
      'A tool call that is not in a list is read, too, and an end after tool calls is `tool_calls` whatever TGI calls it.',
    ],
  },
  {
    name: 'openai_like',
    title: 'Any server like OpenAI',
    apiBase: null,
    keyVariables: ['OPENAI_LIKE_API_KEY'],
    keyOptional: true,
    baseVariables: ['OPENAI_LIKE_API_BASE'],
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    embeddings: { user: true },
    dialect: { echoes: ['extra_content'] },
    notes: [
      'Unlike `openai` with an `api_base`, it takes no key from `OPENAI_API_KEY`, and it writes OpenAI’s newer words (role `developer`, `allowed_tools`) in those that every server knows.',
    ],
  },
];
