import {
  type AzureOperation,
  azureUrl,
  azureVersion,
  hasStreamOptions,
  LAST_DATED,
} from './azure-address.ts';
import { ENTRA_SETTINGS, EntraTokens, signedIn } from './entra-token.ts';
import type { Format } from './formats/format.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import { OPENAI_DIALECT, openAiEmbeddings } from './formats/openai-embeddings/format.ts';
import { responsesFormat } from './formats/openai-responses/format.ts';
import { isReasoningModel, mayReason, needsResponses } from './openai-models.ts';
import type { ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';

const chat = chatFormat();
const reasoningChat = chatFormat({ rename: { max_tokens: 'max_completion_tokens' } });
// Of 2024: a request with a hint that came later is refused.
const hints = ['user', 'metadata', 'store'] as const;
const previewChat = chatFormat({ hints });
const previewReasoningChat = chatFormat({ hints, rename: { max_tokens: 'max_completion_tokens' } });
const datedChat = chatFormat({ hints, rename: { max_completion_tokens: 'max_tokens' } });
const oldChat = chatFormat({
  hints,
  rename: { max_completion_tokens: 'max_tokens' },
  streamOptions: false,
});
const responses = responsesFormat();
const plainResponses = responsesFormat({ reasons: false });
const embeddings = openAiEmbeddings(OPENAI_DIALECT);

/** Azure OpenAI with tokens of Entra ID from `tokens`. */
export function azureWith(tokens: EntraTokens): ProviderModule {
  return {
    info: {
      name: 'azure',
      title: 'Azure OpenAI',
      keyVariables: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
      keyOptional: true,
      baseVariables: ['AZURE_API_BASE', 'AZURE_OPENAI_ENDPOINT'],
      apiBase: null,
      needsBase: true,
      settings: [
        {
          name: 'api_version',
          variables: ['AZURE_API_VERSION', 'OPENAI_API_VERSION'],
          about:
            'the version of the API, a date or `v1`; by default 2024-10-21, and `v1` for reasoning models',
        },
        ...ENTRA_SETTINGS,
      ],
    },
    about: {
      formats: [chat, responses],
      embeddings,
      docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
      notes: [
        'The model is the name of a deployment. `api_base` may be the resource, its `/openai` or `/openai/v1`, or a whole address from the portal, whose `api-version` then counts.',
        'With `api_version` `v1` (or `latest`, `preview`), or an `api_base` that ends in `/openai/v1`, the v1 API is called, else the dated one.',
        '`azure/responses/<deployment>` asks through responses, as do deployments that are named like a model which has nothing else. Versions before 2025-03-01 do not have them: then v1 is called.',
        'What a deployment is, its name tells (`my-o3-mini`), or `base_model`, or LiteLLM’s prefixes `o_series/` and `gpt5_series/`: reasoning models get `max_completion_tokens`, and versions that do not have them `max_tokens`.',
        'Without a key, Entra ID: `azure_ad_token`, or `tenant_id`, `client_id` and `client_secret`, or `azure_credential: DefaultAzureCredential`.',
        'What the content filter says of a prompt in a chunk before the answer is passed over; a prompt that it refuses is `content_policy_violation`, an answer that it cuts off has the finish reason `content_filter`.',
        'Versions before 2024-09-01-preview do not take `stream_options`, and tell no usage. Versions of 2024 refuse newer hints (`prompt_cache_key`, `safety_identifier`), which are left out.',
      ],
    },
    create: (upstream) => (request, call) => {
      const { deployment } = call;
      const { model, format, operation, version } = routeOf(call);
      return upstream.stream(format, request, { ...call, model }, (_body, signal) => {
        return signedIn(azureUrl(deployment, model, operation, version), deployment, tokens, signal);
      });
    },
    createEmbed: (upstream) => (request, call) => {
      const { deployment, model } = call;
      const version = azureVersion(deployment, '/embeddings', false);
      return upstream.embed(embeddings, request, call, (_body, signal) =>
        signedIn(azureUrl(deployment, model, '/embeddings', version), deployment, tokens, signal),
      );
    },
  };
}

/** Azure OpenAI. */
export const azure: ProviderModule = azureWith(new EntraTokens());

interface Route {
  /** The name of the deployment. */
  readonly model: string;
  readonly format: Format;
  readonly operation: AzureOperation;
  readonly version: string;
}

function routeOf({ model: name, deployment }: ProviderCall): Route {
  const [, prefix, model = name] = /^(responses|o_series|gpt5_series)\/(.+)$/.exec(name) ?? [];
  const kind = deployment.baseModel ?? model;
  const reasons = prefix?.endsWith('_series') || isReasoningModel(kind);
  if (prefix === 'responses' || needsResponses(kind)) {
    const version = azureVersion(deployment, '/responses', reasons);
    return { model, format: mayReason(kind) ? responses : plainResponses, operation: '/responses', version };
  }
  const version = azureVersion(deployment, '/chat/completions', reasons);
  return { model, format: chatOf(version, reasons), operation: '/chat/completions', version };
}

const FIRST_WITH_LATER_HINTS = '2025';

/** Reasoning models know the newer name of `max_tokens` alone; versions without them know the older alone. */
function chatOf(version: string, reasons: boolean): Format {
  const isEarly = version < FIRST_WITH_LATER_HINTS;
  if (reasons) return isEarly ? previewReasoningChat : reasoningChat;
  if (!hasStreamOptions(version)) return oldChat;
  if (version === LAST_DATED) return datedChat;
  return isEarly ? previewChat : chat;
}
