import type { Deployment, ModelGroup } from './config.ts';
import { UNSET } from './defaults.ts';
import { openAiApiBase, openAiApiKey, withoutTrailingSlash } from './environment.ts';
import { didYouMean, judgeKey } from './keys.ts';
import { MODEL_ENTRY } from './litellm.ts';
import { type DeploymentParams, readParams } from './params.ts';
import { type ConfigPath, quote } from './problems.ts';
import { isMap, type Reading, readMap } from './reading.ts';
import { modelEntry } from './schema.ts';

const MAX_NAME_LENGTH = 200;

/** What deployments get that do not say otherwise, in seconds. */
export type Timeouts = Pick<Deployment, 'timeout' | 'streamTimeout'>;

/** Reads `model_list`: entries with the same `model_name` are deployments of one group, in the file's order. */
export function readModelList(value: unknown, timeouts: Timeouts, reading: Reading): ModelGroup[] {
  const path = ['model_list'];
  if (!Array.isArray(value) || value.length === 0) {
    const example = '`- model_name: gpt-4o` with `litellm_params: {model: openai/gpt-4o}`';
    reading.problems.add(path, `must be a list of at least one model: ${example}`);
    return [];
  }
  const groups = new Map<string, Deployment[]>();
  for (const [index, item] of value.entries()) {
    const entry = readEntry(item, [...path, index], timeouts, reading);
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

function readEntry(value: unknown, path: ConfigPath, timeouts: Timeouts, reading: Reading): Entry | null {
  const { problems } = reading;
  const entry = readMap(modelEntry, value, path, reading, (key) => {
    judgeKey([...path, key], Object.keys(modelEntry.shape), MODEL_ENTRY, problems);
  });
  const name = entry?.model_name ?? null;
  const nameMistake = name === null ? null : judgeName(name);
  if (nameMistake !== null) problems.add([...path, 'model_name'], nameMistake);
  if (!isMap(value)) return null;
  // Read even where the name is wrong: every mistake is reported at once.
  const at = [...path, 'litellm_params'];
  const { litellm_params: raw = null } = value;
  if (raw === null) problems.add(at, 'is required: a map with at least `model: provider/name`');
  const read = raw === null ? null : readParams(raw, at, reading);
  if (read === null) return null;
  const shown = isMap(raw) ? String(raw.model) : '';
  const target = readTarget(read.settings.model, shown, name, [...at, 'model'], reading);
  if (target === null || name === null) return null;
  return { name, deployment: { ...target, ...connect(target.provider, read, at, timeouts, reading) } };
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

/** `model`: the provider before the first slash, its model after it. `shown` is how the file has it. */
function readTarget(
  text: string,
  shown: string,
  group: string | null,
  path: ConfigPath,
  { problems, providers }: Reading,
): Pick<Deployment, 'provider' | 'model'> | null {
  const slash = text.indexOf('/');
  const [provider, model] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const known = `known providers: ${providers.join(', ')}`;
  if (slash < 1 || model === '') {
    // A value from the environment is not shown: it may be a key in the wrong place.
    const example = model === '' || shown !== text ? 'gpt-4o' : model;
    problems.add(path, `must be provider/name, as ${quote(`openai/${example}`)}; ${known}`);
  } else if (!providers.includes(provider)) {
    const compatible = "for a server that speaks OpenAI's API, write openai/<its model> and its api_base";
    problems.add(
      path,
      `unknown provider in ${quote(shown)}${didYouMean(provider, providers)} (${known}; ${compatible})`,
    );
  } else if (model.includes('*') && !/^([^*]+\/)?\*$/.test(model)) {
    problems.add(path, 'may have a * only as its last part, as "openai/*"');
  } else if (model.includes('*') && group !== null && !group.endsWith('*')) {
    problems.add(path, 'has a *, which model_name must have too for it to stand for anything');
  } else {
    return { provider, model };
  }
  return null;
}

type Connection = Omit<Deployment, 'id' | 'provider' | 'model'>;

function connect(
  provider: string,
  { settings, params, withoutKey }: DeploymentParams,
  path: ConfigPath,
  timeouts: Timeouts,
  reading: Reading,
): Connection {
  const { environment, problems } = reading;
  const usual = provider === 'openai' ? openAiApiBase(environment, problems) : null;
  const apiBase = settings.api_base === undefined ? usual : withoutTrailingSlash(settings.api_base);
  const inherited = provider === 'openai' && settings.api_key === undefined && !withoutKey;
  const apiKey = inherited ? openAiApiKey(environment, problems) : (settings.api_key ?? null);
  if (inherited && apiKey !== null && apiBase !== usual) {
    problems.warn(
      [...path, 'api_key'],
      'not given, so OPENAI_API_KEY is sent to this api_base; write `api_key: null` to send none',
    );
  }
  return {
    apiBase,
    apiKey,
    ...UNSET,
    timeout: settings.timeout ?? timeouts.timeout,
    streamTimeout: settings.stream_timeout ?? timeouts.streamTimeout,
    params,
  };
}
