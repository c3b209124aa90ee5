import { bearerEndpoint } from './endpoint.ts';
import { cohereEmbeddings } from './formats/cohere/embeddings.ts';
import { cohereChat } from './formats/cohere/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://api.cohere.com';

/** Cohere's own platform. */
export const cohere: ProviderModule = {
  info: {
    name: 'cohere',
    title: 'Cohere',
    keyVariables: ['COHERE_API_KEY', 'CO_API_KEY'],
    baseVariables: ['COHERE_API_BASE', 'CO_API_URL'],
    apiBase: API_BASE,
    settings: [],
  },
  about: {
    formats: [cohereChat],
    embeddings: cohereEmbeddings,
    docs: 'https://docs.cohere.com/reference/chat',
    notes: [
      'What a model plans before it calls tools (`tool_plan`) is reasoning, and goes back as the plan of its calls.',
      'Citations become `annotations`: `url_citation` for documents that have a `url`, else `cohere_citation`.',
      '`reasoning_effort` sets `thinking`: off at `none`, bounded below `high`, unbounded from there.',
      '`tool_choice` cannot name a function; `temperature` and penalties beyond 0 to 1 are refused.',
      'Tokens are those that the model saw and wrote, of which Cohere bills fewer.',
      'What texts are embedded for (`input_type`) is `search_document` unless the request says otherwise.',
      '`documents`, `citation_options`, `safety_mode`, `strict_tools` and `top_k` are passed on; functions that are all strict set `strict_tools`.',
    ],
  },
  create: (upstream) => (request, call) =>
    upstream.stream(cohereChat, request, call, () => bearerEndpoint(call.deployment, API_BASE, '/v2/chat')),
  createEmbed: (upstream) => (request, call) =>
    upstream.embed(cohereEmbeddings, request, call, () =>
      bearerEndpoint(call.deployment, API_BASE, '/v2/embed'),
    ),
};

/** The name that LiteLLM used to recommend for the same. */
export const cohereChatAlias: ProviderModule = { ...cohere, info: { ...cohere.info, name: 'cohere_chat' } };
