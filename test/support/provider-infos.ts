import type { ProviderInfo } from '../../src/config/provider-info.ts';

/** A provider that needs nothing but its name, unless said otherwise. */
export function providerInfo(name: string, changes: Partial<ProviderInfo> = {}): ProviderInfo {
  return { name, title: name, keyVariables: [], baseVariables: [], apiBase: null, settings: [], ...changes };
}

/** As much as the configuration knows of OpenAI. */
export const OPENAI = providerInfo('openai', {
  title: 'OpenAI',
  keyVariables: ['OPENAI_API_KEY'],
  baseVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  apiBase: 'https://api.openai.com/v1',
});

export const SCRIPTED = providerInfo('scripted');

export const OLLAMA = providerInfo('ollama', {
  keyVariables: ['OLLAMA_API_KEY'],
  keyOptional: true,
  baseVariables: ['OLLAMA_API_BASE'],
  apiBase: 'http://127.0.0.1:11434',
});
