import type { AnthropicSupport } from '../../request/anthropic-fields.ts';
import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { AnthropicReader } from './reader.ts';
import { encodeRequest } from './request.ts';

/** What differs where somebody else than Anthropic serves its messages. */
export interface AnthropicOptions {
  /**
   * Goes into the body as `anthropic_version`, in place of `model`, which the addresses of Vertex AI
   * (`vertex-2023-10-16`) and Bedrock (`bedrock-2023-05-31`) say. Bedrock's body also has no `stream`, and
   * takes the names of beta features, which are a header elsewhere.
   */
  readonly version?: string;
  /** `bytes` where the server fetches nothing that requests name by address; `urls` by default. */
  readonly media?: 'urls' | 'bytes';
}

const EVERYWHERE: readonly RequestField[] = [
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
];

/** It is this format that all of it comes from. */
const EVERYTHING: AnthropicSupport = {
  fields: 'all',
  marks: ['cache_control', 'is_error'],
  resultMedia: true,
};

/** Anthropic's messages, https://platform.claude.com/docs/en/api/messages. */
export function anthropicFormat({ version, media = 'urls' }: AnthropicOptions = {}): Format {
  const supports = new Set(EVERYWHERE);
  if (!version?.startsWith('bedrock')) supports.add('web_search_options');
  if (version === undefined) supports.add('service_tier');
  return {
    name: 'Anthropic messages',
    supports,
    media: 'bytes',
    // Anthropic fetches over TLS only.
    readsUrl: (url) => media === 'urls' && url.startsWith('https:'),
    ownTools: (type) => OWN_TOOL.test(type),
    anthropic: () => EVERYTHING,
    encode: (request) => encodeRequest(request, version),
    read: (answer) => new AnthropicReader(answer),
  };
}

/** `web_search_20250305`, `computer_20250124`, …: the names of Anthropic's own tools end in a date. */
const OWN_TOOL = /_20\d{6}$|^mcp_toolset$/;
