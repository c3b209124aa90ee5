import type { Deployment } from './config.ts';
import type { ConfigPath } from './problems.ts';
import type { ProviderInfo, ProviderSetting } from './provider-info.ts';
import { firstSet, type Reading } from './reading.ts';
import { API_BASE_RULE, CREDENTIAL_RULE, isApiBase, isCredential } from './schema.ts';

/** Where a deployment calls, and with what. */
export type Connection = Pick<Deployment, 'apiBase' | 'apiKey' | 'settings'>;

/** What the file says of it. Undefined: nothing, so that the environment does; null: that there is none. */
export interface GivenConnection {
  readonly apiBase?: string | undefined;
  readonly apiKey?: string | null | undefined;
  readonly settings: Readonly<Record<string, string | null>>;
}

/** Something that came from an environment variable. */
interface Inherited {
  /** `api_key`, or the name of a setting. */
  readonly key: string;
  readonly variable: string;
}

/** What the file and the environment amount to, and what is wrong with that. */
interface Gathered {
  readonly connection: Connection;
  /** The address that calls go to where the file names none. */
  readonly usualBase: string | null;
  /** The credentials that the environment holds. */
  readonly inherited: readonly Inherited[];
  readonly missing: readonly Missing[];
}

/** What has to be there and is not: its key, what to say of it, and the environment variables that may hold it. */
export interface Missing {
  readonly key: string;
  readonly message: string;
  readonly variables: readonly string[];
}

/**
 * The connection of a deployment in the file, whose `litellm_params` stand at `path`. Values that must be there
 * and are not are mistakes; a key that is missing, or that goes where nobody may want it, is worth a warning.
 */
export function readConnection(
  info: ProviderInfo,
  given: GivenConnection,
  path: ConfigPath,
  reading: Reading,
): Connection {
  const { problems } = reading;
  const { connection, usualBase, inherited, missing } = gather(info, given, reading);
  for (const { key, message, variables } of missing) {
    const at = [...path, key];
    if (!problems.has(at)) problems.add(at, message + orSet(variables));
  }
  if (usualBase !== null && connection.apiBase !== usualBase) {
    for (const { key, variable } of inherited) {
      const advice = `not given, so ${variable} is sent to this api_base; write \`${key}: null\` to send none`;
      problems.warn([...path, key], advice);
    }
  }
  if (given.apiKey === undefined && lacksKey(info, connection) && !problems.has([...path, 'api_key'])) {
    const variables = info.keyVariables.join(', ');
    const advice = `not given, and not in the environment as ${variables}: ${info.title} asks for one`;
    problems.warn([...path, 'api_key'], advice);
  }
  return connection;
}

/**
 * The connection to a provider for which the environment has credentials (or an address, where calls without
 * credentials are usual) and all else that it needs; null if it has not.
 */
export function connectionFromEnvironment(info: ProviderInfo, reading: Reading): Connection | null {
  const { environment } = reading;
  const secrets = info.settings.filter(({ secret }) => secret).flatMap(({ variables }) => variables);
  const credentials = [...info.keyVariables, ...secrets];
  const telling = info.keyOptional ? [...credentials, ...info.baseVariables] : credentials;
  if (firstSet(telling, environment) === null) return null;
  const { connection, missing } = gather(info, { settings: {} }, reading);
  return missing.length === 0 ? connection : null;
}

/** The connection of a call that nothing is configured for: what it says itself, else the environment. */
export function connectionOfCall(
  info: ProviderInfo,
  given: Pick<GivenConnection, 'apiBase' | 'apiKey'>,
  reading: Reading,
): { readonly connection: Connection; readonly missing: readonly Missing[] } {
  const { connection, missing } = gather(info, { ...given, settings: {} }, reading);
  if (given.apiKey !== undefined || !lacksKey(info, connection)) return { connection, missing };
  const key = { key: 'api_key', message: 'is required', variables: info.keyVariables };
  return { connection, missing: [key, ...missing] };
}

/** The connection of a provider that needs nothing. */
export function plainConnection(info: ProviderInfo, reading: Reading): Connection {
  return gather(info, { settings: {} }, reading).connection;
}

function gather(info: ProviderInfo, given: GivenConnection, reading: Reading): Gathered {
  const { environment } = reading;
  const inherited: Inherited[] = [];
  const usualBase = readUsualBase(info, reading);
  const apiBase = given.apiBase === undefined ? usualBase : withoutTrailingSlash(given.apiBase);
  const key = given.apiKey === undefined ? firstSet(info.keyVariables, environment) : null;
  if (key !== null) {
    if (!isCredential(key.value)) reading.problems.addVariable(key.name, CREDENTIAL_RULE);
    inherited.push({ key: 'api_key', variable: key.name });
  }
  const apiKey = given.apiKey ?? key?.value ?? null;

  const settings: Record<string, string> = {};
  for (const { name, variables, secret } of info.settings) {
    const own = given.settings[name];
    const found = own === undefined ? firstSet(variables, environment) : null;
    const value = (own ?? found?.value)?.trim();
    if (value) settings[name] = value;
    if (found !== null && secret) inherited.push({ key: name, variable: found.name });
  }
  const connection = { apiBase, apiKey, settings };
  return { connection, usualBase, inherited, missing: findMissing(info, connection) };
}

function findMissing(info: ProviderInfo, { apiBase, settings }: Connection): Gathered['missing'] {
  const missing: Missing[] = [];
  if (apiBase === null && info.needsBase) {
    const message = `is required: the address of ${info.title}, as https://host/v1`;
    missing.push({ key: 'api_base', message, variables: info.baseVariables });
  }
  for (const setting of info.settings) {
    if (settings[setting.name] !== undefined || !isRequired(setting, apiBase)) continue;
    const unless = setting.required === 'without_base' ? 'is required without an api_base' : 'is required';
    const { name, about, variables } = setting;
    missing.push({ key: name, message: `${unless}: ${about}`, variables });
  }
  return missing;
}

function isRequired({ required }: ProviderSetting, apiBase: string | null): boolean {
  return required === 'without_base' ? apiBase === null : required === true;
}

function orSet(variables: readonly string[]): string {
  if (variables.length === 0) return '';
  return `; write it here, or set the environment variable ${variables.join(' or ')}`;
}

/** True where the provider's own servers will be called without any credentials, and are known to refuse that. */
function lacksKey(info: ProviderInfo, { apiBase, apiKey, settings }: Connection): boolean {
  if (info.keyOptional || info.keyVariables.length === 0 || apiBase !== info.apiBase) return false;
  return apiKey === null && !info.settings.some(({ name, secret }) => secret && settings[name] !== undefined);
}

function readUsualBase(info: ProviderInfo, { environment, problems }: Reading): string | null {
  const base = firstSet(info.baseVariables, environment);
  if (base === null) return info.apiBase;
  if (!isApiBase(base.value)) problems.addVariable(base.name, API_BASE_RULE);
  return withoutTrailingSlash(base.value);
}

/** `https://host/v1/` and `https://host/v1` are the same base. */
function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
