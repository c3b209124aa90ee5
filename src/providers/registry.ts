import { HttpClient } from './http.ts';
import { OpenAiProvider } from './openai.ts';
import type { Provider } from './provider.ts';
import { ScriptedProvider } from './scripted.ts';

/** Every provider that a deployment may name: the part of its model before the first slash. */
export const PROVIDER_NAMES = ['openai', 'scripted'] as const;

/** The providers of this process by name, sharing one pool of upstream connections. */
export interface Providers extends ReadonlyMap<string, Provider> {
  /** Closes every upstream connection at once; a stream still open fails. */
  close(): Promise<void>;
}

/** Makes every provider, with a pool of its own. */
export function createProviders(): Providers {
  const http = new HttpClient();
  const providers: Record<(typeof PROVIDER_NAMES)[number], Provider> = {
    openai: new OpenAiProvider(http),
    scripted: new ScriptedProvider(),
  };
  return Object.assign(new Map<string, Provider>(Object.entries(providers)), { close: () => http.close() });
}
