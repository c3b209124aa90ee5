import type { S3Settings } from './config.ts';
import type { Problems } from './problems.ts';
import { firstSet, variable } from './reading.ts';
import { type StorageSettings, storageSettings } from './schema.ts';

const SECTION = 'storage';
const PREFIX = 'SLUICE_S3_';
/** Amazon's tools look here for a region; any other store takes whatever it is told. */
const REGION_VARIABLES = ['AWS_REGION', 'AWS_DEFAULT_REGION'];
const ANY_REGION = 'us-east-1';

/**
 * The bucket that the section `storage` and the variables `SLUICE_S3_*` name, of which the section goes first; null if
 * neither names one.
 */
export function readStorage(
  section: StorageSettings,
  environment: NodeJS.ProcessEnv,
  problems: Problems,
): S3Settings | null {
  const given = { ...readVariables(environment, problems), ...section };
  const { bucket, endpoint = null, prefix = '' } = given;
  const complain = (key: keyof StorageSettings, message: string): void => {
    const inFile = Object.keys(section).length > 0;
    if (inFile && !problems.has([SECTION, key])) problems.add([SECTION, key], message);
    if (!inFile) problems.addVariable(variableOf(key), message);
  };
  if (bucket === undefined) {
    if (Object.keys(given).length > 0)
      complain('bucket', 'is required where storage is set: the name of the bucket');
    return null;
  }
  // One that is no URL is a mistake of its own.
  const elsewhere =
    endpoint !== null ||
    problems.has([SECTION, 'endpoint']) ||
    variable(environment, variableOf('endpoint')) !== null;
  const known = given.region ?? firstSet(REGION_VARIABLES, environment)?.value;
  if (known === undefined && !elsewhere) {
    complain('region', 'is required without an endpoint: the region of the bucket');
  }
  return {
    bucket,
    region: known ?? ANY_REGION,
    endpoint,
    prefix,
    credentials: readCredentials(given, complain),
    forcePathStyle: given.force_path_style ?? false,
  };
}

function readCredentials(
  { access_key_id, secret_access_key }: StorageSettings,
  complain: (key: keyof StorageSettings, message: string) => void,
): S3Settings['credentials'] {
  if (access_key_id === undefined && secret_access_key === undefined) return null;
  if (access_key_id === undefined) complain('access_key_id', 'is required beside secret_access_key');
  if (secret_access_key === undefined) complain('secret_access_key', 'is required beside access_key_id');
  return { accessKeyId: access_key_id ?? '', secretAccessKey: secret_access_key ?? '' };
}

function readVariables(environment: NodeJS.ProcessEnv, problems: Problems): StorageSettings {
  const known = Object.keys(storageSettings.shape) as (keyof StorageSettings)[];
  const given = Object.fromEntries(
    known
      .map((key): [string, string | null] => [key, variable(environment, variableOf(key))])
      .filter(([, value]) => value !== null),
  );
  const parsed = storageSettings.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    const key = String(path[0]);
    problems.addVariable(variableOf(key), message);
    delete given[key];
  }
  return storageSettings.safeParse(given).data ?? {};
}

function variableOf(key: string): string {
  return PREFIX + key.toUpperCase();
}
