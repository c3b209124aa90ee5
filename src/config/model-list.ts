import type { Deployment, ModelGroup } from './config.ts';
import { readConnection } from './connection.ts';
import { judgeKey } from './keys.ts';
import { MODEL_ENTRY } from './litellm.ts';
import { readParams } from './params.ts';
import { readPrices } from './prices.ts';
import type { ConfigPath, Problems } from './problems.ts';
import { isMap, type Reading, readMap } from './reading.ts';
import { type DeploymentSettings, type ModelInfo, modelEntry, modelInfo } from './schema.ts';

const MAX_NAME_LENGTH = 200;

/** What deployments get that do not say otherwise. */
export type DeploymentDefaults = Pick<Deployment, 'timeout' | 'streamTimeout' | 'dropParams'>;

/** Reads `model_list`: entries with the same `model_name` are deployments of one group, in the file's order. */
export function readModelList(value: unknown, defaults: DeploymentDefaults, reading: Reading): ModelGroup[] {
  const path = ['model_list'];
  if (!Array.isArray(value) || value.length === 0) {
    const example = '`- model_name: gpt-4o` with `litellm_params: {model: openai/gpt-4o}`';
    reading.problems.add(path, `must be a list of at least one model: ${example}`);
    return [];
  }
  const groups = new Map<string, Deployment[]>();
  for (const [index, item] of value.entries()) {
    const entry = readEntry(item, [...path, index], defaults, reading);
    if (entry === null) continue;
    const deployments = groups.get(entry.name) ?? [];
    groups.set(entry.name, deployments);
    deployments.push({ id: `${entry.name}#${deployments.length + 1}`, ...entry.deployment });
  }
  return [...groups].map(([name, deployments]) => ({ name, deployments }));
}

interface Entry {
  readonly name: string;
  readonly deployment: Omit<Deployment, 'id'>;
}

function readEntry(
  value: unknown,
  path: ConfigPath,
  defaults: DeploymentDefaults,
  reading: Reading,
): Entry | null {
  const { problems } = reading;
  // What is nested is read by itself.
  const { litellm_params: raw = null, model_info: about = null, ...flat } = isMap(value) ? value : {};
  const entry = readMap(modelEntry, isMap(value) ? flat : value, path, reading, (key) => {
    judgeKey([...path, key], Object.keys(modelEntry.shape), MODEL_ENTRY, problems);
  });
  const name = entry?.model_name ?? null;
  const nameMistake = name === null ? null : judgeName(name);
  if (nameMistake !== null) problems.add([...path, 'model_name'], nameMistake);
  if (!isMap(value)) return null;
  // Read even where the name is wrong: every mistake is reported at once.
  const at = [...path, 'litellm_params'];
  if (raw === null) problems.add(at, 'is required: a map with at least `model: provider/name`');
  const read = raw === null ? null : readParams(raw, at, reading);
  const info = about === null ? {} : readModelInfo(about, [...path, 'model_info'], reading);
  if (read === null || read.target === null) return null;
  const pricing = { ...info, ...withoutUnset(read.own) };
  const connection = readConnection(read.target.info, read.connection, at, reading);
  if (name === null || !fits(read.target.model, name, at, problems)) return null;
  return {
    name,
    deployment: {
      provider: read.target.info.name,
      model: read.target.model,
      ...connection,
      ...readBehaviour(read.own, defaults, at, problems),
      params: read.params,
      prices: readPrices(pricing, path, problems),
      baseModel: pricing.base_model ?? null,
    },
  };
}

/** What is wrong with a model group's name; null if nothing is. */
function judgeName(name: string): string | null {
  if (name.length > MAX_NAME_LENGTH) return `must have at most ${MAX_NAME_LENGTH} characters`;
  if (/[:{}\s\p{Cc}]/u.test(name)) {
    return 'must not contain ":", "{", "}", spaces or control characters, because it names a queue; litellm_params.model may';
  }
  if (name.includes('*') && !/^[^*]+\/\*$/.test(name)) {
    return 'may have a * only at its end and after a slash, as "openai/*"';
  }
  return null;
}

/** A `*` in the upstream's model stands for what the client asks for below the group's name. */
function fits(model: string, group: string, path: ConfigPath, problems: Problems): boolean {
  if (!model.includes('*') || group.endsWith('*')) return true;
  problems.add([...path, 'model'], 'has a *, which model_name must have too for it to stand for anything');
  return false;
}

function readModelInfo(value: unknown, path: ConfigPath, reading: Reading): ModelInfo {
  let more = false;
  const info = readMap(modelInfo, value, path, reading, () => {
    more = true;
  });
  if (more) reading.problems.warn(path, 'Sluice uses base_model and the prices of it, and ignores the rest');
  return info ?? {};
}

function readBehaviour(
  own: DeploymentSettings,
  defaults: DeploymentDefaults,
  path: ConfigPath,
  problems: Problems,
): Pick<Deployment, 'extraHeaders' | 'dropParams' | 'additionalDropParams' | 'timeout' | 'streamTimeout'> {
  const fields = own.additional_drop_params ?? [];
  for (const [index, field] of fields.entries()) {
    if (!/[.[]/.test(field)) continue;
    problems.warn([...path, 'additional_drop_params', index], 'ignored: only whole fields can be dropped');
  }
  return {
    extraHeaders: { ...own.headers, ...own.extra_headers },
    dropParams: own.drop_params ?? defaults.dropParams,
    additionalDropParams: fields.filter((field) => !/[.[]/.test(field)),
    timeout: own.timeout ?? defaults.timeout,
    streamTimeout: own.stream_timeout ?? defaults.streamTimeout,
  };
}

function withoutUnset(values: DeploymentSettings): Partial<DeploymentSettings> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
