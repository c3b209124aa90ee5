import { bearerEndpoint } from './endpoint.ts';
import { ollamaEmbeddings } from './formats/ollama/embeddings.ts';
import { ollamaChat } from './formats/ollama/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'http://127.0.0.1:11434';

/** An Ollama server, or Ollama's cloud at `https://ollama.com`, in Ollama's own format. */
export const ollama: ProviderModule = {
  info: {
    name: 'ollama',
    title: 'Ollama',
    keyVariables: ['OLLAMA_API_KEY'],
    keyOptional: true,
    baseVariables: ['OLLAMA_API_BASE'],
    apiBase: API_BASE,
    settings: [],
  },
  about: {
    formats: [ollamaChat],
    embeddings: ollamaEmbeddings,
    docs: 'https://docs.ollama.com/api/chat',
    notes: [
      'Options of the model (`num_ctx`, `top_k`, `repeat_penalty`, …) may stand in the request as they are; what is no option (`keep_alive`, `think`) is passed on beside them.',
      '`reasoning_effort` sets `think`: off at `none`, else a level.',
      'A call of a tool cannot be forced: `tool_choice` is `auto` or `none`, where the tools are left out.',
      '`strict` of functions has no counterpart and is left out.',
      'Images and sound are sent as bytes, and fetched where the request names an address.',
      'An answer that calls tools ends with `tool_calls`, though Ollama says `stop`.',
    ],
  },
  create: (upstream) => (request, call) =>
    upstream.stream(ollamaChat, request, call, () => bearerEndpoint(call.deployment, API_BASE, '/api/chat')),
  createEmbed: (upstream) => (request, call) =>
    upstream.embed(ollamaEmbeddings, request, call, () =>
      bearerEndpoint(call.deployment, API_BASE, '/api/embed'),
    ),
};

/** The name that LiteLLM recommends for the same. */
export const ollamaChatAlias: ProviderModule = { ...ollama, info: { ...ollama.info, name: 'ollama_chat' } };
