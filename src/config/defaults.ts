import type { Deployment, Limits, ModelGroup, RetryPolicy } from './config.ts';
import { type Connection, connectionFromEnvironment, plainConnection } from './connection.ts';
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
  storedTtl: 2_592_000,
  maxLostAttempts: 10,
  concurrency: 500,
  drainGrace: 5,
  readerStallTimeout: 30,
  keepAlive: 15,
  maxFileBytes: 512 * 1024 * 1024,
  maxBatchLines: 50_000,
  maxBatchBytes: 200 * 1024 * 1024,
  batchTimeout: 86_400,
  batchWindow: 1000,
};

/** {@link Deployment}'s timeouts, in seconds, where nothing says otherwise. */
export const DEFAULT_TIMEOUTS = { timeout: 600, streamTimeout: 300 };

/** Whether what a provider cannot carry is left out, where nothing says so. */
export const DEFAULT_DROP_PARAMS = false;

const SCRIPTED = 'scripted';
const OLLAMA = 'ollama';
const OLLAMA_ADDRESS = 'http://127.0.0.1:11434';

/**
 * The model groups of a machine without a configuration file, in which everything that can be reached without
 * one works: the scripted provider, every provider whose key is in the environment, and a local Ollama.
 */
export function defaultModelGroups(reading: Reading, ollama: boolean): ModelGroup[] {
  return reading.providers
    .toSorted((a, b) => Number(b.name === SCRIPTED) - Number(a.name === SCRIPTED))
    .flatMap((info) => {
      const runs = info.name === SCRIPTED || (ollama && info.name === OLLAMA);
      const found = connectionFromEnvironment(info, reading);
      const connection = found ?? (runs ? plainConnection(info, reading) : null);
      return connection === null ? [] : [everyModelOf(info.name, connection)];
    });
}

function everyModelOf(provider: string, connection: Connection): ModelGroup {
  const name = `${provider}/*`;
  return { name, deployments: [plainDeployment(`${name}#1`, { provider, model: '*', connection })] };
}

/** A deployment of which nothing but this is said. */
export function plainDeployment(
  id: string,
  { provider, model, connection }: { provider: string; model: string; connection: Connection },
): Deployment {
  return {
    id,
    provider,
    model,
    ...connection,
    extraHeaders: {},
    dropParams: DEFAULT_DROP_PARAMS,
    additionalDropParams: [],
    ...DEFAULT_TIMEOUTS,
    params: {},
    prices: null,
    baseModel: null,
  };
}

/** True if an Ollama server answers on this machine, within 300 ms. */
export async function ollamaAnswers(): Promise<boolean> {
  try {
    const response = await fetch(`${OLLAMA_ADDRESS}/api/version`, { signal: AbortSignal.timeout(300) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
