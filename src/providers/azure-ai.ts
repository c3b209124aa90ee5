import type { Deployment } from '../config/config.ts';
import { type AzureOperation, azureUrl, resourceOf } from './azure-address.ts';
import { bearer, endpoint } from './endpoint.ts';
import { ENTRA_SETTINGS, EntraTokens, signedIn } from './entra-token.ts';
import { withBetas } from './formats/anthropic/betas.ts';
import { anthropicFormat } from './formats/anthropic/format.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import { openAiEmbeddings } from './formats/openai-embeddings/format.ts';
import { responsesFormat } from './formats/openai-responses/format.ts';
import { isOpenAiModel, isReasoningModel } from './openai-models.ts';
import type { ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';
import type { Locate } from './upstream.ts';

const VERSION = '2024-05-01-preview';
const ANTHROPIC_VERSION = '2023-06-01';

// Models of many vendors stand behind one address, and few know OpenAI's newer words.
const chat = chatFormat({ plain: true, hints: [], rename: { max_completion_tokens: 'max_tokens' } });
const reasoningChat = chatFormat({
  plain: true,
  hints: [],
  rename: { max_tokens: 'max_completion_tokens' },
});
const v1Chat = chatFormat();
const v1ChatOfOthers = chatFormat({ hints: [] });
const responses = responsesFormat();
const messages = anthropicFormat();
const embeddings = openAiEmbeddings({ tokens: false });

const tokens = new EntraTokens();

/** Azure AI Foundry: models of other vendors than OpenAI, by LiteLLM's name for it. */
export const azureAi: ProviderModule = {
  info: {
    name: 'azure_ai',
    title: 'Azure AI Foundry',
    keyVariables: ['AZURE_AI_API_KEY'],
    keyOptional: true,
    baseVariables: ['AZURE_AI_API_BASE'],
    apiBase: null,
    needsBase: true,
    settings: [
      {
        name: 'api_version',
        variables: ['AZURE_AI_API_VERSION'],
        about: `the version of the model inference API, by default ${VERSION}`,
      },
      ...ENTRA_SETTINGS,
    ],
  },
  about: {
    formats: [chat, messages, responses],
    embeddings,
    docs: 'https://learn.microsoft.com/azure/ai-foundry/model-inference/reference/reference-model-inference-api',
    notes: [
      '`api_base` is the resource (`https://….services.ai.azure.com`), which is called at `/models/chat/completions`, its `/openai/v1`, or a serverless endpoint (`….models.ai.azure.com`).',
      'Deployments whose name or `base_model` has `claude` in it are called at `/anthropic/v1/messages`, in Anthropic’s format; `azure_ai/responses/<deployment>` through OpenAI’s responses.',
      'Fields that the model inference API does not know are passed on to the model (`extra-parameters: pass-through`).',
      'Models that are not OpenAI’s, by their name or `base_model`, get no hints, and below `/models` they get `max_tokens` and role `system`.',
    ],
  },
  create: (upstream) => (request, call) => {
    if (isClaude(call)) {
      const { call: gathered, headers } = withBetas(request, call);
      return upstream.stream(messages, request, gathered, anthropicAt(call.deployment, headers));
    }
    const model = call.model.replace(/^responses\//, '');
    const named = { ...call, model };
    if (model !== call.model)
      return upstream.stream(responses, request, named, openAiAt(named, '/responses'));
    if (isOpenAiPath(call.deployment)) {
      const format = isOpenAiModel(call.deployment.baseModel ?? model) ? v1Chat : v1ChatOfOthers;
      return upstream.stream(format, request, named, openAiAt(named, '/chat/completions'));
    }
    const reasons = isReasoningModel(call.deployment.baseModel ?? model);
    const locate = modelsAt(call.deployment, '/chat/completions');
    return upstream.stream(reasons ? reasoningChat : chat, request, named, locate);
  },
  createEmbed: (upstream) => (request, call) => {
    const { deployment } = call;
    const locate = isOpenAiPath(deployment)
      ? openAiAt(call, '/embeddings')
      : modelsAt(deployment, '/embeddings');
    return upstream.embed(embeddings, request, call, locate);
  },
};

/** What people paste behind the address of their resource, which may be that of a project. */
const FOUNDRY_PATH = /\/(?:models|anthropic|openai|api\/projects)(?:\/.*)?$/;

function pathOf({ apiBase }: Deployment): string {
  return URL.parse(apiBase ?? '')?.pathname ?? '';
}

function isOpenAiPath(deployment: Deployment): boolean {
  return /\/openai(?:\/|$)/.test(pathOf(deployment));
}

function isClaude({ deployment, model }: ProviderCall): boolean {
  return /claude/i.test(deployment.baseModel ?? model) || /\/anthropic(?:\/|$)/.test(pathOf(deployment));
}

function anthropicAt(deployment: Deployment, betas: Readonly<Record<string, string>>): Locate {
  return async (_body, signal) => {
    const url = endpoint(resourceOf(deployment, FOUNDRY_PATH), null, '/anthropic/v1/messages');
    const { headers } = await signedIn(url, deployment, tokens, signal);
    return { url, headers: { 'anthropic-version': ANTHROPIC_VERSION, ...betas, ...headers } };
  };
}

function openAiAt({ deployment, model }: ProviderCall, operation: AzureOperation): Locate {
  return (_body, signal) => {
    const resource = resourceOf(deployment, FOUNDRY_PATH);
    return signedIn(azureUrl(resource, model, operation, 'v1'), deployment, tokens, signal);
  };
}

/** Endpoints of a single model, which take their keys as any other API does. */
const SERVERLESS = /\.(?:models|inference)\.ai\.azure\.com$|\.inference\.ml\.azure\.com$/;

/** Without it, fields that the API does not know are refused, of which `stream_options` is one. */
const PASS_THROUGH = { 'extra-parameters': 'pass-through' };

function modelsAt(deployment: Deployment, operation: '/chat/completions' | '/embeddings'): Locate {
  return async (_body, signal) => {
    const base = URL.parse(deployment.apiBase ?? '');
    const version = base?.searchParams.get('api-version') ?? deployment.settings.api_version ?? VERSION;
    const path = `${operation}?api-version=${encodeURIComponent(version)}`;
    const serverless = SERVERLESS.test(base?.hostname ?? '');
    const url = serverless
      ? endpoint(deployment, null, path)
      : endpoint(resourceOf(deployment, FOUNDRY_PATH), null, `/models${path}`);
    const { headers } = await signedIn(url, deployment, tokens, signal);
    const own = serverless && deployment.apiKey !== null ? bearer(deployment) : headers;
    return { url, headers: { ...own, ...PASS_THROUGH } };
  };
}
