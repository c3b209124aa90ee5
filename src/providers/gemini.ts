import { geminiEmbeddings, resourceOf } from './formats/gemini/embeddings.ts';
import { geminiFormat } from './formats/gemini/format.ts';
import { googleEndpoint } from './google-endpoint.ts';
import type { ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';
import type { Destination } from './upstream.ts';

const API_BASE = 'https://generativelanguage.googleapis.com';

const format = geminiFormat({ callIds: true });

/** Google's Gemini API, AI Studio's. */
export const gemini: ProviderModule = {
  info: {
    name: 'gemini',
    title: 'Google AI Studio (Gemini)',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseVariables: ['GEMINI_API_BASE'],
    apiBase: API_BASE,
    settings: [],
  },
  about: {
    formats: [format],
    embeddings: geminiEmbeddings,
    docs: 'https://ai.google.dev/api/generate-content',
    notes: [
      'Signatures of thoughts come as `provider_specific_fields.thought_signature` of a tool call, and in `provider_specific_fields.thought_signatures` of a message; send both back as they came. Gemini 3 gets a placeholder for a call whose signature is lost.',
      'The schemas of functions and answers go as they are; models before Gemini 2 get what Google’s subset of OpenAPI has of them.',
      '`reasoning_effort` becomes a thinking level for Gemini 3, and a budget for 2.5: 1024, 8192 or 24576 tokens. `none` is refused where a model cannot be kept from thinking.',
      'Tools that Google runs are given by their names: `{"type": "google_search"}`, `{"type": "code_execution"}`. What it searched becomes `annotations`; code that it ran, and images that it made, are in `provider_specific_fields` (`parts`, `images`).',
      'Other fields of Google’s go to their place, in either spelling: `top_k` and `media_resolution` into `generationConfig`, `safety_settings` and `cached_content` beside it.',
      'Embeddings take at most 100 texts a request; `task_type` and `title` hold for each of them.',
      'Files of Google’s Files API and videos on YouTube are named by their address, everything else is sent as bytes.',
    ],
  },
  create: (upstream) => (request, call) =>
    upstream.stream(format, request, call, () => destination(call, ':streamGenerateContent?alt=sse')),
  createEmbed: (upstream) => (request, call) =>
    upstream.embed(geminiEmbeddings, request, call, () => destination(call, ':batchEmbedContents')),
};

function destination({ deployment, model }: ProviderCall, method: string): Destination {
  const { apiKey } = deployment;
  const url = googleEndpoint(deployment, {
    origin: API_BASE,
    version: 'v1beta',
    resource: resourceOf(model),
    method,
  });
  return { url, headers: apiKey === null ? {} : { 'x-goog-api-key': apiKey } };
}
