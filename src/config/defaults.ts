import type { Deployment, Limits, ModelGroup, RetryPolicy } from './config.ts';
import { openAiApiBase, openAiApiKey } from './environment.ts';
import type { Reading } from './reading.ts';

/** What `router_settings` leaves open. */
export const DEFAULT_RETRIES: RetryPolicy = { numRetries: 2, retryAfter: 0 };

/** What `general_settings` leaves open. */
export const DEFAULT_LIMITS: Limits = {
  maxRequestBytes: 16 * 1024 * 1024,
  maxOutputBytes: 16 * 1024 * 1024,
  jobTimeout: 86_400,
  resultTtl: 86_400,
  logTtl: 3600,
  maxLostAttempts: 10,
  concurrency: 500,
  drainGrace: 5,
  readerStallTimeout: 30,
};

/** {@link Deployment}'s timeouts, in seconds, where nothing says otherwise. */
export const DEFAULT_TIMEOUTS = { timeout: 600, streamTimeout: 300 };

/** What most deployments do without. */
export const UNSET = { settings: {}, extraHeaders: {}, dropParams: false, additionalDropParams: [] };

const OLLAMA = 'http://127.0.0.1:11434';

/**
 * The model groups of a machine without a configuration file, in which everything that can be reached
 * without one works: the scripted provider, OpenAI where OPENAI_API_KEY is set, and a local Ollama.
 */
export function defaultModelGroups({ environment, problems }: Reading, ollama: boolean): ModelGroup[] {
  const groups = [group('scripted/*', 'scripted', null, null)];
  const key = openAiApiKey(environment, problems);
  if (key !== null) groups.push(group('openai/*', 'openai', openAiApiBase(environment, problems), key));
  if (ollama) groups.push(group('ollama/*', 'openai', `${OLLAMA}/v1`, null));
  return groups;
}

function group(name: string, provider: string, apiBase: string | null, apiKey: string | null): ModelGroup {
  const deployment: Deployment = {
    id: `${name}#1`,
    provider,
    model: '*',
    apiBase,
    apiKey,
    ...UNSET,
    ...DEFAULT_TIMEOUTS,
    params: {},
  };
  return { name, deployments: [deployment] };
}

/** True if an Ollama server answers on this machine, within 300 ms. */
export async function ollamaAnswers(): Promise<boolean> {
  try {
    const response = await fetch(`${OLLAMA}/api/version`, { signal: AbortSignal.timeout(300) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
