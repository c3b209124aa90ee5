import type { Deployment } from '../config/config.ts';

/** Where in the price table a model may stand: under a provider, or under whoever has an address. */
export interface TableEntry {
  readonly model: string;
  readonly providerId?: string;
  readonly providerApiUrl?: string;
}

/** Providers' names, ours before the table's. Who is not here has no list prices in it, or none to begin with. */
export const TABLE_IDS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  azure: 'azure',
  azure_ai: 'azure',
  baseten: 'baseten',
  bedrock: 'aws',
  bedrock_converse: 'aws',
  cerebras: 'cerebras',
  cloudflare: 'cloudflare',
  codestral: 'mistral',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  deepseek: 'deepseek',
  fireworks_ai: 'fireworks',
  gemini: 'google',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshot: 'moonshotai',
  novita: 'novita',
  openai: 'openai',
  openrouter: 'openrouter',
  ovhcloud: 'ovhcloud',
  perplexity: 'perplexity',
  together_ai: 'together',
  vertex_ai: 'google',
  xai: 'x-ai',
  zai: 'zai',
};

/** Where models are named by paths or ARNs whose last part is the model. */
const NAMED_LAST: ReadonlySet<string> = new Set([
  'azure',
  'azure_ai',
  'bedrock',
  'bedrock_converse',
  'gemini',
  'vertex_ai',
]);

/** Where to look a deployment's model up, the likeliest place first. Empty: the table cannot know it. */
export function tableEntries(deployment: Deployment, model: string): TableEntry[] {
  const { provider, baseModel, apiBase } = deployment;
  if (baseModel !== null) return [...entriesOf(provider, baseModel), ...qualified(baseModel)];
  // `openai` with an address is any server that speaks its format: only the address tells whose prices hold.
  if (provider === 'openai' && apiBase !== null) {
    return [{ model: nameOf(provider, model), providerApiUrl: apiBase }];
  }
  return entriesOf(provider, model);
}

/** A base model may name another provider: `azure/gpt-4o`. */
function qualified(baseModel: string): TableEntry[] {
  const slash = baseModel.indexOf('/');
  return slash < 1 ? [] : entriesOf(baseModel.slice(0, slash), baseModel.slice(slash + 1));
}

function entriesOf(provider: string, model: string): TableEntry[] {
  if (provider === 'huggingface') return routed(model);
  if (!Object.hasOwn(TABLE_IDS, provider)) return [];
  const providerId = TABLE_IDS[provider] ?? '';
  const name = nameOf(provider, model);
  if (provider !== 'fireworks_ai' || name.includes('/')) return [{ model: name, providerId }];
  return [{ model: `accounts/fireworks/models/${name}`, providerId }];
}

/** The name of a model without what only says how to ask for it. */
function nameOf(provider: string, model: string): string {
  if (NAMED_LAST.has(provider)) return model.slice(model.lastIndexOf('/') + 1);
  return provider === 'openai' ? model.replace(/^responses\//, '') : model;
}

/** Hugging Face's router charges what the provider does that it was told to use: `org/model:together`. */
function routed(model: string): TableEntry[] {
  const [first = '', owner, name, ...others] = model.split('/');
  if (owner && name && others.length === 0) {
    return [{ model: `${owner}/${name}`, providerId: `huggingface_${first}` }];
  }
  const colon = model.lastIndexOf(':');
  if (colon === -1) return [];
  return [{ model: model.slice(0, colon), providerId: `huggingface_${model.slice(colon + 1)}` }];
}
