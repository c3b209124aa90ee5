import { bearerEndpoint } from './endpoint.ts';
import { mistralChat } from './formats/mistral/format.ts';
import { openAiEmbeddings } from './formats/openai-embeddings/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://api.mistral.ai/v1';

const embeddings = openAiEmbeddings({ tokens: false, dimensionsName: 'output_dimension' });

/** Mistral AI's own platform. */
export const mistral: ProviderModule = {
  info: {
    name: 'mistral',
    title: 'Mistral AI',
    keyVariables: ['MISTRAL_API_KEY'],
    baseVariables: ['MISTRAL_API_BASE'],
    apiBase: API_BASE,
    settings: [],
  },
  about: {
    formats: [mistralChat],
    embeddings,
    docs: 'https://docs.mistral.ai/api/endpoint/chat',
    notes: [
      'Tool call ids that are not nine letters and digits, which is all that Mistral accepts, are hashed to such.',
      'A last message of the assistant gets `prefix: true`, so that the answer begins with it.',
      'Where a message follows the result of a tool without an answer between them, a blank one is put there.',
      'Reasoning of earlier turns goes back to Magistral models, and to others where `reasoning_effort` is set.',
      'Built-in tools, `safe_prompt`, `prompt_mode`, `guardrails` and document parts are passed on as they are.',
    ],
  },
  create: (upstream) => (request, call) =>
    upstream.stream(mistralChat, request, call, () =>
      bearerEndpoint(call.deployment, API_BASE, '/chat/completions'),
    ),
  createEmbed: (upstream) => (request, call) =>
    upstream.embed(embeddings, request, call, () => bearerEndpoint(call.deployment, API_BASE, '/embeddings')),
};
