import type { ProviderInfo } from '../config/provider-info.ts';
import { openai } from './openai.ts';
import { compatible } from './presets.ts';
import type { Provider, ProviderModule } from './provider.ts';
import { ScriptedProvider } from './scripted.ts';
import { HttpClient } from './transport/http-client.ts';
import { MediaFetcher } from './transport/media-fetcher.ts';
import { Upstream } from './upstream.ts';

/** Every provider that calls somebody. */
export const MODULES: readonly ProviderModule[] = [openai, ...compatible];

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

/** The names that a deployment's model may begin with. */
export const PROVIDER_NAMES: readonly string[] = PROVIDER_INFOS.map(({ name }) => name);

/** The providers of this process by name, sharing one pool of upstream connections. */
export interface Providers extends ReadonlyMap<string, Provider> {
  /** Closes every upstream connection at once; a stream still open fails. */
  close(): Promise<void>;
}

/** Makes every provider, with a pool of its own. */
export function createProviders(): Providers {
  const http = new HttpClient();
  const upstream = new Upstream(http, new MediaFetcher());
  const providers = new Map<string, Provider>();
  for (const { info, create } of MODULES) {
    providers.set(info.name, { name: info.name, stream: create(upstream) });
  }
  providers.set(SCRIPTED.name, new ScriptedProvider());
  return Object.assign(providers, { close: () => http.close() });
}
