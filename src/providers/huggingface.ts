import type { Deployment } from '../config/config.ts';
import { bearerEndpoint } from './endpoint.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import { tgiGenerate } from './formats/tgi/format.ts';
import { OPENAI_ONLY, TO_MAX_TOKENS } from './presets/dialects.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://router.huggingface.co/v1';
/** Before a model: asks for TGI's own route of a dedicated endpoint. */
const NATIVE = 'tgi/';

const chat = chatFormat({
  plain: true,
  hints: [],
  unsupported: OPENAI_ONLY,
  rename: TO_MAX_TOKENS,
  finishOptional: true,
  stopsAfterCalls: true,
});

/** Hugging Face: its router to inference providers, or a dedicated endpoint at the deployment's `api_base`. */
export const huggingface: ProviderModule = {
  info: {
    name: 'huggingface',
    title: 'Hugging Face',
    keyVariables: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    baseVariables: ['HF_API_BASE', 'HUGGINGFACE_API_BASE'],
    apiBase: API_BASE,
    promptTemplates: true,
    settings: [],
  },
  about: {
    formats: [chat, tgiGenerate],
    docs: 'https://huggingface.co/docs/inference-providers',
    notes: [
      'Models are `org/model` or `org/model:provider`; LiteLLM’s `provider/org/model` means the same.',
      'With an `api_base`, calls go to that endpoint, to `/v1/chat/completions`.',
      '`huggingface/tgi/<any name>` with an `api_base` speaks TGI’s own `/generate_stream`: one prompt, no tools. The conversation becomes one text, by LiteLLM’s `roles`, `initial_prompt_value` and `final_prompt_value` if they are set.',
      'The router passes on what its providers send: a missing finish reason, `stop` after tool calls and `x_groq` are understood.',
    ],
  },
  create: (upstream) => (request, call) => {
    const { deployment, model } = call;
    if (model.startsWith(NATIVE)) {
      return upstream.stream(tgiGenerate, request, call, () =>
        bearerEndpoint(deployment, null, '/generate_stream'),
      );
    }
    const named = asksRouter(deployment) ? { ...call, model: routed(model) } : call;
    return upstream.stream(chat, request, named, () =>
      bearerEndpoint(deployment, API_BASE, '/v1/chat/completions'),
    );
  },
};

function asksRouter({ apiBase }: Deployment): boolean {
  return URL.parse(apiBase ?? API_BASE)?.host === URL.parse(API_BASE)?.host;
}

/** LiteLLM puts the provider in front, the router takes it at the end. */
function routed(model: string): string {
  const [provider, owner, name, ...others] = model.split('/');
  return provider && owner && name && others.length === 0 ? `${owner}/${name}:${provider}` : model;
}
