import type { Deployment } from '../config/config.ts';
import type { ProviderInfo } from '../config/provider-info.ts';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import { SluiceError } from '../core/errors.ts';
import { endpoint } from './endpoint.ts';
import type { Format } from './formats/format.ts';
import { watsonxChat } from './formats/watsonx/chat.ts';
import { watsonxGeneration } from './formats/watsonx/generation.ts';
import type { Provider, ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';
import type { Upstream } from './upstream.ts';
import { IamTokens } from './watsonx/iam-tokens.ts';

const API_VERSION = '2024-10-08';
const IAM_URL = 'https://iam.cloud.ibm.com/identity/token';
const DEPLOYMENT = 'deployment/';

const INFO: Omit<ProviderInfo, 'name' | 'title'> = {
  keyVariables: ['WATSONX_APIKEY', 'WATSONX_API_KEY', 'WX_API_KEY'],
  // A token, or a Zen key, does as well.
  keyOptional: true,
  baseVariables: ['WATSONX_API_BASE', 'WATSONX_URL', 'WX_URL', 'WML_URL'],
  apiBase: null,
  settings: [
    {
      name: 'project_id',
      variables: ['WATSONX_PROJECT_ID', 'WX_PROJECT_ID'],
      about: 'the project that pays; it or a space is required',
    },
    {
      name: 'space_id',
      variables: ['WATSONX_SPACE_ID', 'WATSONX_DEPLOYMENT_SPACE_ID', 'WX_SPACE_ID'],
      about: 'the deployment space, in place of a project',
    },
    {
      name: 'region_name',
      variables: ['WATSONX_REGION', 'WX_REGION'],
      about: 'the region, as `us-south`, where there is no `api_base`',
      required: 'without_base',
    },
    {
      name: 'token',
      variables: ['WATSONX_TOKEN'],
      about: 'a token, in place of the key that one would be fetched for',
      secret: true,
    },
    {
      name: 'zen_api_key',
      variables: ['WATSONX_ZENAPIKEY'],
      about: 'a Zen API key of Cloud Pak for Data, in place of the key',
      secret: true,
    },
    {
      name: 'iam_url',
      variables: ['WATSONX_IAM_URL'],
      about: `where keys are exchanged for tokens; \`${IAM_URL}\` by default`,
    },
    {
      name: 'api_version',
      variables: ['WATSONX_API_VERSION'],
      about: `the version of the API, a date; \`${API_VERSION}\` by default`,
    },
  ],
};

const DOCS = 'https://cloud.ibm.com/apidocs/watsonx-ai';

/** IBM watsonx.ai, its chat. */
export const watsonx: ProviderModule = {
  info: { name: 'watsonx', title: 'IBM watsonx.ai', ...INFO },
  about: {
    formats: [watsonxChat],
    docs: DOCS,
    notes: [
      'The API key is exchanged for a token at IBM Cloud’s IAM; the token is kept until a minute before its end.',
      '`deployment/<id>` asks for a deployed model; it needs neither project nor space.',
      '`tool_choice` becomes `tool_choice_option` unless it names a function; text in parts is joined but for users.',
      'The end is the stream’s own: there is no `[DONE]`. `time_limit` is `length`; `cancelled` and `error` are broken answers.',
    ],
  },
  create: create(watsonxChat, 'text/chat_stream'),
};

/** IBM watsonx.ai, its older text generation. */
export const watsonxText: ProviderModule = {
  info: { name: 'watsonx_text', title: 'IBM watsonx.ai, text generation', ...INFO, promptTemplates: true },
  about: {
    formats: [watsonxGeneration],
    docs: DOCS,
    notes: [
      'The older API, for models that cannot chat: the conversation becomes one text, by LiteLLM’s `roles`, `initial_prompt_value` and `final_prompt_value` if they are set; no tools.',
      'Without a limit in the request, `max_new_tokens` is 1024: watsonx’s own default is 20.',
      'Keys, project and address are as with `watsonx`.',
    ],
  },
  create: create(watsonxGeneration, 'text/generation_stream'),
};

function create(format: Format, path: string): ProviderModule['create'] {
  return (upstream) => {
    const tokens = new IamTokens(upstream.http);
    return (request, call) => stream(upstream, tokens, { format, path }, request, call);
  };
}

async function* stream(
  upstream: Upstream,
  tokens: IamTokens,
  { format, path }: { readonly format: Format; readonly path: string },
  request: CompletionRequest,
  call: ProviderCall,
): ReturnType<Provider['stream']> & AsyncGenerator<Delta, void, undefined> {
  const { deployment, model } = call;
  const { iam_url: iam = IAM_URL, api_version: version = API_VERSION } = deployment.settings;
  const deployed = model.startsWith(DEPLOYMENT) ? model.slice(DEPLOYMENT.length) : null;
  const place = deployed === null ? '' : `deployments/${encodeURIComponent(deployed)}/`;
  const url = `/ml/v1/${place}${path}?version=${encodeURIComponent(version)}`;
  try {
    yield* upstream.stream(scoped(format, deployment, deployed !== null), request, call, async () => ({
      url: endpoint(deployment, baseOf(deployment), url),
      headers: { authorization: await authorization(tokens, deployment, iam) },
    }));
  } catch (thrown) {
    const refused = thrown instanceof SluiceError && thrown.code === 'upstream_authentication';
    if (refused) tokens.forget(deployment, iam);
    throw thrown;
  }
}

/** The format, with what watsonx wants to know besides the request. */
function scoped(format: Format, { settings, id }: Deployment, deployed: boolean): Format {
  return {
    ...format,
    encode: (request) => {
      if (deployed) {
        const { model_id: _, ...body } = format.encode(request) as Record<string, unknown>;
        return body;
      }
      const { project_id, space_id } = settings;
      if (project_id) return { ...format.encode(request), project_id };
      if (space_id) return { ...format.encode(request), space_id };
      const message = `watsonx needs project_id or space_id, and ${id} has neither.`;
      throw new SluiceError('upstream_unreachable', message, { retryable: false });
    },
  };
}

function baseOf({ settings: { region_name } }: Deployment): string | null {
  return region_name ? `https://${region_name}.ml.cloud.ibm.com` : null;
}

async function authorization(tokens: IamTokens, deployment: Deployment, iam: string): Promise<string> {
  const { token, zen_api_key } = deployment.settings;
  if (token) return `Bearer ${token}`;
  if (zen_api_key) return `ZenApiKey ${zen_api_key}`;
  return `Bearer ${await tokens.tokenFor(deployment, iam)}`;
}
