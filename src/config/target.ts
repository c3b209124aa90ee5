import { didYouMean } from './keys.ts';
import { type ConfigPath, quote } from './problems.ts';
import type { ProviderInfo } from './provider-info.ts';
import type { Reading } from './reading.ts';

/** Whom a deployment calls, and for which model. */
export interface Target {
  readonly info: ProviderInfo;
  readonly model: string;
}

/** What of `litellm_params` says so: what stands in the file, and what it amounts to. */
export interface GivenTarget {
  readonly model: string;
  readonly provider: string | undefined;
  /** A value from the environment is not shown: it may be a key in the wrong place. */
  readonly shown: { readonly model: unknown; readonly provider: unknown };
}

const LIST = 'docs/providers.md lists them';

/**
 * The provider before the first slash of `model` and the model after it, or the provider that
 * `custom_llm_provider` names, or the one that a well-known model is of; null if none of these is one.
 * `path`: where `litellm_params` stand.
 */
export function readTarget(given: GivenTarget, path: ConfigPath, reading: Reading): Target | null {
  const { model: text, provider: named, shown } = given;
  const find = (name: string | null): ProviderInfo | undefined =>
    reading.providers.find((info) => info.name === name);
  const names = reading.providers.map(({ name }) => name);
  if (named !== undefined) {
    const info = find(named);
    if (info !== undefined) return target(info, withoutProvider(text, named), path, reading);
    const what = named === shown.provider ? ` ${quote(named)}` : '';
    const message = `unknown provider${what}${didYouMean(named, names, 3)} (${LIST})`;
    reading.problems.add([...path, 'custom_llm_provider'], message);
    return null;
  }
  const slash = text.indexOf('/');
  const [prefix, model] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const info = find(prefix);
  if (info !== undefined && model !== '') return target(info, model, path, reading);
  const owner = find(reading.providerOfModel(text));
  if (owner !== undefined) return target(owner, text, path, reading);

  const at = [...path, 'model'];
  if (slash < 1 || model === '') {
    const example = model === '' || shown.model !== text ? 'gpt-4o' : model;
    reading.problems.add(at, `must be provider/name, as ${quote(`openai/${example}`)}; ${LIST}`);
    return null;
  }
  const compatible = "for a server that speaks OpenAI's API, write openai/<its model> and its api_base";
  const what = quote(shown.model === text ? text : String(shown.model));
  const near = didYouMean(prefix, names, 3);
  reading.problems.add(at, `unknown provider in ${what}${near} (${LIST}; ${compatible})`);
  return null;
}

function withoutProvider(model: string, provider: string): string {
  return model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model;
}

function target(info: ProviderInfo, model: string, path: ConfigPath, { problems }: Reading): Target | null {
  if (model.includes('*') && !/^([^*]+\/)?\*$/.test(model)) {
    problems.add([...path, 'model'], 'may have a * only as its last part, as "openai/*"');
    return null;
  }
  return { info, model };
}
