import type { ProviderInfo } from '../config/provider-info.ts';
import { ai21 } from './ai21.ts';
import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { azureAi } from './azure-ai.ts';
import { bedrock } from './bedrock.ts';
import { cohere, cohereChatAlias } from './cohere.ts';
import { gemini } from './gemini.ts';
import { huggingface } from './huggingface.ts';
import { mistral } from './mistral.ts';
import { ollama, ollamaChatAlias } from './ollama.ts';
import { openai } from './openai.ts';
import { compatible } from './presets.ts';
import type { Provider, ProviderModule } from './provider.ts';
import { replicate } from './replicate.ts';
import { ScriptedProvider } from './scripted.ts';
import { HttpClient } from './transport/http-client.ts';
import { MediaFetcher } from './transport/media-fetcher.ts';
import { Upstream } from './upstream.ts';
import { vertexAi } from './vertex-ai.ts';
import { watsonx, watsonxText } from './watsonx.ts';

/** Every provider that calls somebody. */
export const MODULES: readonly ProviderModule[] = [
  openai,
  azure,
  azureAi,
  anthropic,
  gemini,
  vertexAi,
  bedrock,
  mistral,
  cohere,
  cohereChatAlias,
  ollama,
  ollamaChatAlias,
  ai21,
  replicate,
  watsonx,
  watsonxText,
  huggingface,
  ...compatible,
];

const SCRIPTED: ProviderInfo = {
  name: 'scripted',
  title: 'Scripted',
  keyVariables: [],
  baseVariables: [],
  apiBase: null,
  settings: [],
};

/** What the configuration has to know of every provider that a deployment may name. */
export const PROVIDER_INFOS: readonly ProviderInfo[] = [...MODULES.map(({ info }) => info), SCRIPTED];

/** The providers of this process by name, sharing one pool of upstream connections. */
export interface Providers extends ReadonlyMap<string, Provider> {
  /** Closes every upstream connection at once; a stream still open fails. */
  close(): Promise<void>;
}

/** Makes every provider, with a pool of its own. */
export function createProviders(): Providers {
  const http = new HttpClient();
  const media = new MediaFetcher();
  const upstream = new Upstream(http, media);
  const providers = new Map<string, Provider>();
  for (const { info, create, createEmbed } of MODULES) {
    const embed = createEmbed && { embed: createEmbed(upstream) };
    providers.set(info.name, { name: info.name, stream: create(upstream), ...embed });
  }
  providers.set(SCRIPTED.name, new ScriptedProvider());
  const close = async (): Promise<void> => {
    await Promise.all([http.close(), media.close()]);
  };
  return Object.assign(providers, { close });
}
