import { bearer, endpoint } from './endpoint.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://api.openai.com/v1';

const chat = chatFormat();

/** OpenAI, and any server that speaks its chat completions at the deployment's `api_base`. */
export const openai: ProviderModule = {
  info: {
    name: 'openai',
    title: 'OpenAI',
    keyVariables: ['OPENAI_API_KEY'],
    baseVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    apiBase: API_BASE,
    settings: [],
  },
  about: {
    formats: [chat],
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    notes: [],
  },
  create: (upstream) => (request, call) =>
    upstream.stream(chat, request, call, () => ({
      url: endpoint(call.deployment, API_BASE, '/chat/completions'),
      headers: bearer(call.deployment),
    })),
};
