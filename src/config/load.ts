import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config, Limits, ModelGroup } from './config.ts';
import {
  DEFAULT_DROP_PARAMS,
  DEFAULT_LIMITS,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUTS,
  defaultModelGroups,
  ollamaAnswers,
} from './defaults.ts';
import { isLoopback, readEnvironment } from './environment.ts';
import { readModelList } from './model-list.ts';
import { Problems } from './problems.ts';
import type { ProviderInfo } from './provider-info.ts';
import { type Reading, variable } from './reading.ts';
import type { GeneralSettings } from './schema.ts';
import { readSections, type Sections } from './sections.ts';
import { readStorage } from './storage.ts';
import { readWebhooks } from './webhooks.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

const DEFAULT_FILE = 'sluice.yaml';

/** A usable configuration. */
export interface LoadedConfig {
  /** Frozen, down to the last request parameter. */
  readonly config: Config;
  /** What LiteLLM would obey and Sluice does not; a line each, to be logged at start. Holds no secrets. */
  readonly warnings: readonly string[];
  /** Whether there is a file; without one, `config` holds what the environment offers. */
  readonly fromFile: boolean;
}

/** What the configuration cannot know by itself. */
export interface ProviderKnowledge {
  /** The providers that exist. */
  readonly providers: readonly ProviderInfo[];
  /** The provider of a well-known model that is named without one, or null. Default: no model is well known. */
  readonly providerOfModel?: (model: string) => string | null;
}

/** For {@link loadConfig}. */
export interface LoadOptions extends ProviderKnowledge {
  /** Asked once, and only without a configuration file. Default: a request to Ollama's usual port. */
  readonly ollamaAnswers?: () => Promise<boolean>;
}

/**
 * Reads the environment and the YAML file that SLUICE_CONFIG names, or else `sluice.yaml` if there is one.
 *
 * @throws {ConfigError} with every mistake in either, each with its place. Nothing may start then.
 */
export async function loadConfig(
  environment: NodeJS.ProcessEnv,
  options: LoadOptions,
): Promise<LoadedConfig> {
  const named = variable(environment, 'SLUICE_CONFIG');
  const file = named ?? DEFAULT_FILE;
  const { ollamaAnswers: asks = ollamaAnswers, ...knowledge } = options;
  let text: string;
  try {
    text = await readFile(resolve(file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (named !== null || code !== 'ENOENT') {
      return readConfig(null, environment, { ...knowledge, file, unreadable: code });
    }
    return readConfig(null, environment, { ...knowledge, file, ollama: await asks() });
  }
  return readConfig(text, environment, { ...knowledge, file });
}

/** For {@link readConfig}. */
export interface ReadOptions extends ProviderKnowledge {
  /** The file's name, for messages. */
  readonly file?: string;
  /** Whether a local Ollama is to be offered where there is no file. */
  readonly ollama?: boolean;
  /** Why there is no text although there should be: the code of the system's error, as `ENOENT`. */
  readonly unreadable?: string;
}

/**
 * The configuration that a YAML text (null: there is no file) and an environment amount to. Pure but for
 * the working directory, against which SLUICE_DATA_DIR,
 * SLUICE_ARCHIVE_DIR and SLUICE_FILES_DIR are resolved.
 *
 * @throws {ConfigError} with every mistake in either, each with its place.
 */
export function readConfig(
  text: string | null,
  environment: NodeJS.ProcessEnv,
  options: ReadOptions,
): LoadedConfig {
  const source = text === null ? null : parseYaml(text);
  const problems = new Problems(options.file ?? DEFAULT_FILE, source?.locate);
  const { providers, providerOfModel = () => null } = options;
  const reading: Reading = { environment, problems, providers, providerOfModel };
  for (const { place, path, message } of source?.mistakes ?? []) problems.addAt(place, path, message);
  if (options.unreadable !== undefined) problems.add([], explainUnreadable(options.unreadable));

  const settings = readEnvironment(environment, problems);
  const sections = source === null || source.value === undefined ? null : readSections(source.value, reading);
  const modelGroups = readModelGroups(source, sections, reading, options.ollama === true);
  const masterKey = sections?.general.master_key ?? settings.masterKey;
  // A file that cannot be read may well hold the key.
  const unread = source === null ? options.unreadable !== undefined : sections === null;
  const keyUnknown = unread || problems.has(['general_settings', 'master_key']);
  if (masterKey === null && !keyUnknown && !isLoopback(settings.host)) {
    problems.addVariable(
      'HOST',
      'reaches beyond this machine, so clients must send a key: set general_settings.master_key ' +
        'or SLUICE_MASTER_KEY, or set HOST to 127.0.0.1',
    );
  }
  const storage = readStorage(sections?.storage ?? {}, environment, problems);
  const webhooks = readWebhooks(sections?.webhookEndpoints, sections?.general ?? {}, reading);
  problems.throwIfAny();
  const config: Config = {
    ...settings,
    storage,
    masterKey,
    retries: {
      numRetries: sections?.router.num_retries ?? sections?.litellm.num_retries ?? DEFAULT_RETRIES.numRetries,
      retryAfter: sections?.router.retry_after ?? DEFAULT_RETRIES.retryAfter,
    },
    limits: readLimits(sections?.general ?? {}),
    modelGroups,
    webhooks,
  };
  return { config: deepFreeze(config), warnings: problems.warnings, fromFile: source !== null };
}

function explainUnreadable(code: string): string {
  if (code === 'ENOENT') return 'does not exist, but SLUICE_CONFIG names it';
  if (code === 'EISDIR') return 'is a directory: SLUICE_CONFIG must name a file';
  return `cannot be read (${code})`;
}

function readModelGroups(
  source: YamlSource | null,
  sections: Sections | null,
  reading: Reading,
  ollama: boolean,
): ModelGroup[] {
  if (source === null) return defaultModelGroups(reading, ollama);
  if (sections === null) return [];
  const { router, litellm } = sections;
  const defaults = {
    timeout: router.timeout ?? litellm.request_timeout ?? DEFAULT_TIMEOUTS.timeout,
    streamTimeout: router.stream_timeout ?? DEFAULT_TIMEOUTS.streamTimeout,
    dropParams: litellm.drop_params ?? DEFAULT_DROP_PARAMS,
  };
  return readModelList(sections.modelList, defaults, reading);
}

function readLimits(general: GeneralSettings): Limits {
  const resultTtl = general.result_ttl ?? DEFAULT_LIMITS.resultTtl;
  return {
    maxRequestBytes: general.max_request_bytes ?? DEFAULT_LIMITS.maxRequestBytes,
    maxOutputBytes: general.max_output_bytes ?? DEFAULT_LIMITS.maxOutputBytes,
    jobTimeout: general.job_timeout ?? DEFAULT_LIMITS.jobTimeout,
    resultTtl,
    logTtl: general.log_ttl ?? DEFAULT_LIMITS.logTtl,
    // Storing a job keeps it longer, never shorter.
    storedTtl: Math.max(general.stored_ttl ?? DEFAULT_LIMITS.storedTtl, resultTtl),
    maxLostAttempts: general.max_lost_attempts ?? DEFAULT_LIMITS.maxLostAttempts,
    concurrency: general.concurrency ?? DEFAULT_LIMITS.concurrency,
    drainGrace: general.drain_grace ?? DEFAULT_LIMITS.drainGrace,
    readerStallTimeout: general.reader_stall_timeout ?? DEFAULT_LIMITS.readerStallTimeout,
    keepAlive: general.keepalive_seconds ?? DEFAULT_LIMITS.keepAlive,
    maxFileBytes: general.max_file_bytes ?? DEFAULT_LIMITS.maxFileBytes,
    maxBatchLines: general.max_batch_lines ?? DEFAULT_LIMITS.maxBatchLines,
    maxBatchBytes: general.max_batch_bytes ?? DEFAULT_LIMITS.maxBatchBytes,
    batchTimeout: general.batch_timeout ?? DEFAULT_LIMITS.batchTimeout,
    batchWindow: general.batch_window ?? DEFAULT_LIMITS.batchWindow,
  };
}

function deepFreeze<Value>(value: Value): Value {
  // Numbers, strings and null count as frozen.
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value as object)) deepFreeze(child);
  return value;
}
