import type { Deployment } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';
import { withBetas } from './formats/anthropic/betas.ts';
import { anthropicFormat } from './formats/anthropic/format.ts';
import type { Format } from './formats/format.ts';
import { geminiFormat } from './formats/gemini/format.ts';
import { mistralChat } from './formats/mistral/format.ts';
import { chatFormat } from './formats/openai-chat/format.ts';
import { googleCredential, googleEndpoint } from './google-endpoint.ts';
import { GoogleTokens } from './google-tokens.ts';
import type { ProviderModule } from './provider.ts';

const DEFAULT_LOCATION = 'us-central1';

const gemini = geminiFormat({ labels: true });
const claude = anthropicFormat({ version: 'vertex-2023-10-16', media: 'bytes' });
const openModels = chatFormat();

/** How a model is asked for: in which format, and below its project and location under which name. */
interface Route {
  readonly format: Format;
  readonly resource: string;
  readonly method: string;
}

/** Google Cloud's Vertex AI: Gemini, Claude, Mistral, and the open models of its garden. */
export const vertexAi: ProviderModule = {
  info: {
    name: 'vertex_ai',
    title: 'Google Vertex AI',
    keyVariables: ['VERTEXAI_API_KEY'],
    keyOptional: true,
    baseVariables: ['VERTEXAI_API_BASE'],
    apiBase: null,
    settings: [
      {
        name: 'vertex_project',
        variables: ['VERTEXAI_PROJECT', 'VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT'],
        about: 'the project; by default the one that the credentials belong to',
      },
      {
        name: 'vertex_location',
        variables: ['VERTEXAI_LOCATION', 'VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
        about: `the location, as europe-west4 or global; by default ${DEFAULT_LOCATION}`,
      },
      {
        name: 'vertex_credentials',
        variables: ['VERTEXAI_CREDENTIALS', 'VERTEX_CREDENTIALS'],
        about: 'the key of a service account, as JSON or as the path of a file',
        secret: true,
      },
    ],
  },
  about: {
    formats: [gemini, claude, mistralChat, openModels],
    docs: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference',
    notes: [
      'Without `vertex_credentials`, Google’s default credentials are used: `GOOGLE_APPLICATION_CREDENTIALS`, `gcloud auth application-default login`, or the account of the machine.',
      'An `api_key` is an access token, or one of Google’s API keys (`AIza…`, `AQ.…`); with the latter and without `vertex_project`, the address is that of express mode.',
      'Everything that is said of Gemini under `gemini` holds here too; `user` becomes a label.',
      'Models named `claude-…` are asked for in Anthropic’s format; `mistral-…` and `codestral-…` in Mistral’s.',
      'Open models are named with their publisher (`meta/llama-…`, `openai/gpt-oss-…`) and asked for in OpenAI’s format.',
      'A tuned Gemini is named by the number of its endpoint: `vertex_ai/1234567890` or `vertex_ai/gemini/1234567890`.',
    ],
  },
  create: (upstream) => {
    const tokens = new GoogleTokens('vertex_ai');
    return (request, asked) => {
      const route = routeOf(asked.model);
      const { call, headers } =
        route.format === claude ? withBetas(request, asked) : { call: asked, headers: {} };
      const { deployment } = call;
      const { apiKey, settings } = deployment;
      const credentials = settings.vertex_credentials ?? null;
      return upstream.stream(route.format, request, call, async () => {
        const known = settings.vertex_project ?? null;
        const project = known ?? (apiKey === null ? await tokens.project(credentials) : null);
        const url = addressOf(deployment, route, project);
        return {
          url,
          headers: { ...headers, ...googleCredential(apiKey ?? (await tokens.token(credentials))) },
        };
      });
    };
  },
};

const STREAM = ':streamGenerateContent?alt=sse';

function routeOf(model: string): Route {
  const name = model.replace(/^(google|gemini|anthropic|mistralai)\//, '');
  if (/^\d+$/.test(name)) return { format: gemini, resource: `endpoints/${name}`, method: STREAM };
  if (name.startsWith('claude-')) return published('anthropic', name, claude, ':streamRawPredict');
  if (/^(mistral|ministral|codestral)-/.test(name)) {
    return published('mistralai', name, mistralChat, ':streamRawPredict');
  }
  if (!name.includes('/')) return published('google', name, gemini, STREAM);
  return { format: openModels, resource: 'endpoints/openapi', method: '/chat/completions' };
}

function published(publisher: string, model: string, format: Format, method: string): Route {
  return { format, resource: `publishers/${publisher}/models/${model}`, method };
}

/** @throws {SluiceError} `upstream_unreachable` where nobody said the project, or a location that is none. */
function addressOf(deployment: Deployment, { resource, method }: Route, project: string | null): string {
  const { apiKey, id, settings } = deployment;
  const location = settings.vertex_location ?? DEFAULT_LOCATION;
  const version = 'v1';
  if (project !== null) {
    if (!/^[\w-]+$/.test(location)) {
      const message = `vertex_ai: ${id} has a vertex_location that is none: ${location}.`;
      throw new SluiceError('upstream_unreachable', message, { retryable: false });
    }
    const whole = `projects/${project}/locations/${location}/${resource}`;
    return googleEndpoint(deployment, { origin: originOf(location), version, resource: whole, method });
  }
  // Google's API keys know their project, in the mode that it calls express.
  if (apiKey !== null && 'x-goog-api-key' in googleCredential(apiKey)) {
    return googleEndpoint(deployment, { origin: originOf('global'), version, resource, method });
  }
  const message = `vertex_ai: ${id} has no vertex_project, and its credentials do not name one.`;
  throw new SluiceError('upstream_unreachable', message, { retryable: false });
}

function originOf(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  // Where a model may run anywhere in a part of the world.
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}
