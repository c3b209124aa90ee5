import type { z } from 'zod';
import { didYouMean, judgeKey, nearest } from './keys.ts';
import { GENERAL, LITELLM_SETTINGS, NOT_FROM_LITELLM, ROUTER, TOP_LEVEL } from './litellm.ts';
import { isMap, type Reading, readMap } from './reading.ts';
import {
  type GeneralSettings,
  generalSettings,
  type LiteLLMSettings,
  liteLLMSettings,
  type RouterSettings,
  routerSettings,
  type StorageSettings,
  storageSettings,
} from './schema.ts';

/** The file's top level. */
export interface Sections {
  /** As the file has it. */
  readonly modelList: unknown;
  readonly general: GeneralSettings;
  readonly router: RouterSettings;
  readonly litellm: LiteLLMSettings;
  readonly storage: StorageSettings;
  /** As the file has it. */
  readonly webhookEndpoints: unknown;
}

const TOP_LEVEL_KEYS = [
  'model_list',
  'general_settings',
  'router_settings',
  'litellm_settings',
  'storage',
  'webhook_endpoints',
];

/** Reads everything but the models. A section with a mistake comes back empty, so that reading goes on. */
export function readSections(root: unknown, reading: Reading): Sections {
  const { problems } = reading;
  if (root !== null && !isMap(root)) problems.add([], 'must be a map with model_list, general_settings, …');
  const file = isMap(root) ? root : {};
  for (const key of Object.keys(file)) {
    if (!TOP_LEVEL_KEYS.includes(key)) judgeKey([key], TOP_LEVEL_KEYS, TOP_LEVEL, problems);
  }
  return {
    modelList: file.model_list,
    webhookEndpoints: file.webhook_endpoints,
    general: readSection('general_settings', generalSettings, file, reading, (key) =>
      judgeKey(['general_settings', key], Object.keys(generalSettings.shape), GENERAL, problems),
    ),
    router: readSection('router_settings', routerSettings, file, reading, (key) =>
      judgeKey(['router_settings', key], Object.keys(routerSettings.shape), ROUTER, problems),
    ),
    litellm: readSection('litellm_settings', liteLLMSettings, file, reading, (key) =>
      judgeLiteLLMSetting(key, reading),
    ),
    storage: readSection('storage', storageSettings, file, reading, (key) =>
      judgeKey(['storage', key], Object.keys(storageSettings.shape), NOT_FROM_LITELLM, problems),
    ),
  };
}

function readSection<Schema extends z.ZodObject>(
  name: string,
  schema: Schema,
  file: Record<string, unknown>,
  reading: Reading,
  other: (key: string) => void,
): Partial<z.infer<Schema>> {
  return readMap(schema, file[name] ?? {}, [name], reading, other) ?? {};
}

function judgeLiteLLMSetting(key: string, { problems }: Reading): void {
  const path = ['litellm_settings', key];
  const own = Object.keys(liteLLMSettings.shape);
  // Every key is possible here, so only what can hardly be meant is taken for a typing error.
  if (nearest(key, own, 2) === null) judgeKey(path, own, LITELLM_SETTINGS, problems);
  else problems.add(path, `unknown key${didYouMean(key, own)}`, 'key');
}
