import type { Deployment } from '../config/config.ts';
import { endpoint } from './endpoint.ts';
import { withBetas } from './formats/anthropic/betas.ts';
import { anthropicFormat } from './formats/anthropic/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://api.anthropic.com';
const VERSION = '2023-06-01';

/** What a token of a person's account, as `claude setup-token` makes them, needs. */
const OAUTH_BETA = 'oauth-2025-04-20';

const messages = anthropicFormat();

/** Anthropic. */
export const anthropic: ProviderModule = {
  info: {
    name: 'anthropic',
    title: 'Anthropic',
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseVariables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'],
    apiBase: API_BASE,
    settings: [
      {
        name: 'auth_token',
        variables: ['ANTHROPIC_AUTH_TOKEN'],
        about: 'a token that is sent as `Authorization: Bearer` where there is no key',
        secret: true,
      },
    ],
  },
  about: {
    formats: [messages],
    docs: 'https://platform.claude.com/docs/en/api/messages',
    notes: [
      'A request without `max_tokens`, which Anthropic requires, gets between 4096 and 64000, by model.',
      '`reasoning_effort` is adaptive thinking with an effort from Claude 4.6 on, a budget of tokens before.',
      'Budgets: `minimal` and `low` 1024, `medium` 2048, `high` 4096, `xhigh` 8000, `max` 16000 tokens.',
      'Where `max_tokens` leaves no room for a budget, it is raised by it.',
      'Thinking and a forced tool call exclude each other; `drop_params` drops the thinking.',
      'While a model thinks, `temperature` and `top_k` cannot be set; from Claude 4.7 on they never can.',
      'From Claude 4.1 on, `top_p` cannot be set together with `temperature`, which is 1 at most.',
      'A `json_schema` is `output_config.format` from Claude 4.5 on; before, a forced tool call read as text.',
      'Keywords that Anthropic does not have in schemas, such as `minimum`, go into the descriptions there.',
      '`json_object` is refused: there is no JSON mode without a schema.',
      'Tools that are `strict` are so from Claude 4.5 on; older models get them as other tools.',
      'Signed thinking comes as `thinking_blocks`, which go back with the results of tools.',
      'Sources on the web are `url_citation` annotations; other sources keep Anthropic’s own type.',
      'What Anthropic’s own tools did is in `provider_specific_fields.content_blocks`.',
      'Thinking between them is there too, since its place counts.',
      'These blocks go back to Anthropic if they come with the assistant’s message in the next turn.',
      'Anthropic’s own tools and fields (`thinking`, `top_k`, `container`, …) are passed on as they are.',
      '`betas` and `anthropic_beta` become the `anthropic-beta` header, joined with that of `extra_headers`.',
      'Images and files at an `http:` address, which Anthropic does not read, are fetched and sent as bytes.',
      'A key that begins with `sk-ant-oat` is sent as a Bearer token.',
    ],
  },
  create: (upstream) => (request, asked) => {
    const { call, headers } = withBetas(request, asked, betasOf(asked.deployment));
    return upstream.stream(messages, request, call, () => ({
      url: endpoint(call.deployment, API_BASE, pathBehind(call.deployment)),
      headers: { 'anthropic-version': VERSION, ...headers, ...credentials(call.deployment) },
    }));
  },
};

/** Bases are written with and without the version. */
function pathBehind({ apiBase }: Deployment): string {
  return /\/v1\/?$/.test(apiBase ?? '') ? '/messages' : '/v1/messages';
}

function betasOf({ apiKey, settings }: Deployment): string[] {
  return isOauth(apiKey ?? settings.auth_token) ? [OAUTH_BETA] : [];
}

function credentials({ apiKey, settings }: Deployment): Record<string, string> {
  const { auth_token: token } = settings;
  if (apiKey !== null && !isOauth(apiKey)) return { 'x-api-key': apiKey };
  const bearer = apiKey ?? token;
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
}

function isOauth(key: string | undefined): boolean {
  return key?.startsWith('sk-ant-oat') ?? false;
}
