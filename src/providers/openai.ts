import type { Deployment } from '../config/config.ts';
import { bearer, endpoint } from './endpoint.ts';
import type { Format } from './formats/format.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import { OPENAI_DIALECT, openAiEmbeddings } from './formats/openai-embeddings/format.ts';
import { responsesFormat } from './formats/openai-responses/format.ts';
import { isReasoningModel, mayReason, needsResponses } from './openai-models.ts';
import type { ProviderModule } from './provider.ts';
import type { PreparedRequest } from './request/prepared-request.ts';
import type { Destination } from './upstream.ts';

const API_BASE = 'https://api.openai.com/v1';

const chat = chatFormat({ adjust: withoutSilence });
const reasoningChat = chatFormat({ rename: { max_tokens: 'max_completion_tokens' } });
// Google's servers want the signatures of thoughts back that they send there.
const chatElsewhere = chatFormat({ echoes: ['extra_content'] });
const responses = responsesFormat();
const plainResponses = responsesFormat({ reasons: false });
const embeddings = openAiEmbeddings(OPENAI_DIALECT);
// Few of those who speak like OpenAI know more than numbers.
const embeddingsElsewhere = openAiEmbeddings({ user: true });

/** OpenAI, and any server that speaks its chat completions or responses at the deployment's `api_base`. */
export const openai: ProviderModule = {
  info: {
    name: 'openai',
    title: 'OpenAI',
    keyVariables: ['OPENAI_API_KEY'],
    baseVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    apiBase: API_BASE,
    settings: [
      {
        name: 'organization',
        variables: ['OPENAI_ORGANIZATION', 'OPENAI_ORG_ID'],
        about: 'the organization that is charged, as `org-…`',
      },
      {
        name: 'project',
        variables: ['OPENAI_PROJECT_ID', 'OPENAI_PROJECT'],
        about: 'the project that is charged, as `proj_…`',
      },
    ],
  },
  about: {
    formats: [chat, responses],
    embeddings,
    docs: 'https://platform.openai.com/docs/api-reference',
    notes: [
      'Models that only the responses API has (`*-pro`, `*codex*`, `*-deep-research`, `computer-use-preview`) are asked through it; `openai/responses/<model>` does so for any model, and on servers of others.',
      'Through responses nothing is stored unless `store` is set, and `n`, `stop`, `seed`, penalties and `logit_bias` are refused, which that API does not have.',
      'Through responses `reasoning_effort` also asks for a summary, which comes as `reasoning_content`; `reasoning: {summary: null}` leaves it out for organizations that may not have it.',
      'Through responses the reasoning itself comes encrypted, as `provider_specific_fields.reasoning_items`: sent back with its message, the model goes on from it. Only the organization that it came from can read it.',
      'Through responses OpenAI’s own tools (`web_search`, `file_search`, `mcp`, `code_interpreter`, …) can be given among the `tools`; their calls are in `provider_specific_fields.output_items`.',
      '`max_tokens` becomes `max_completion_tokens` for OpenAI’s reasoning models, which refuse the older name; other servers get what the client sent.',
      'What a model says aloud is in `provider_specific_fields.audio`, whole, at the end. Custom tools are refused: their calls are plain text, for which an answer has no place beside functions.',
      'Embeddings are asked for as base64 of OpenAI itself, of other servers as numbers.',
      'To servers of others, `extra_content` of tool calls goes back as it came: Google’s keep the signatures of thoughts there.',
    ],
  },
  create: (upstream) => (request, call) => {
    const { deployment } = call;
    const { model, format, path } = routeOf(call.model, deployment);
    return upstream.stream(format, request, { ...call, model }, () => destination(deployment, path));
  },
  createEmbed: (upstream) => (request, call) => {
    const { deployment } = call;
    const format = isOpenAi(deployment) ? embeddings : embeddingsElsewhere;
    return upstream.embed(format, request, call, () => destination(deployment, '/embeddings'));
  },
};

function destination(deployment: Deployment, path: string): Destination {
  return {
    url: endpoint(deployment, API_BASE, path),
    headers: { ...bearer(deployment), ...account(deployment) },
  };
}

/** Models that never reason refuse to be told not to. */
function withoutSilence(body: Record<string, unknown>, { model }: PreparedRequest): void {
  if (body.reasoning_effort === 'none' && !mayReason(model)) delete body.reasoning_effort;
}

interface Route {
  readonly model: string;
  readonly format: Format;
  readonly path: string;
}

/**
 * Through which of OpenAI's APIs a model is asked. LiteLLM's prefix `responses/` decides; without it the model does,
 * if it is OpenAI itself that is called: what a name means elsewhere, nobody knows.
 */
function routeOf(name: string, deployment: Deployment): Route {
  const own = isOpenAi(deployment);
  const model = name.replace(/^responses\//, '');
  if (model !== name || (own && needsResponses(model))) {
    return { model, format: mayReason(model) ? responses : plainResponses, path: '/responses' };
  }
  const ownChat = isReasoningModel(model) ? reasoningChat : chat;
  return { model, format: own ? ownChat : chatElsewhere, path: '/chat/completions' };
}

/** OpenAI itself, in any of its regions. */
function isOpenAi({ apiBase }: Deployment): boolean {
  const { hostname = '' } = URL.parse(apiBase ?? API_BASE) ?? {};
  return hostname === 'api.openai.com' || hostname.endsWith('.api.openai.com');
}

function account({ settings }: Deployment): Record<string, string> {
  const { organization, project } = settings;
  return {
    ...(organization && { 'openai-organization': organization }),
    ...(project && { 'openai-project': project }),
  };
}
