import { access, constants, mkdir } from 'node:fs/promises';
import { APIConnectionError, APIError, AuthenticationError } from '../../client/index.ts';
import { ConfigError } from '../../config/problems.ts';
import { type CheckedConfig, checkConfig } from '../configuration.ts';
import type { Session } from '../session.ts';
import { doubtful, type Finding, ok, wrong } from './finding.ts';
import { examineRedis } from './redis.ts';

/** Looks at everything that Sluice needs here. */
export async function examine(session: Session): Promise<Finding[]> {
  const checked = await readConfiguration();
  const redis = checked instanceof ConfigError ? [] : await examineRedis(checked.config);
  return [
    ok('Node.js', process.versions.node),
    ...describeConfiguration(checked),
    ...(checked instanceof ConfigError ? [] : [await examineFolder(checked)]),
    ...redis,
    await examineServer(session),
  ];
}

async function readConfiguration(): Promise<CheckedConfig | ConfigError> {
  try {
    return await checkConfig();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function describeConfiguration(checked: CheckedConfig | ConfigError): Finding[] {
  if (checked instanceof ConfigError) {
    return (
      checked.message
        .split('\n')
        // The first says how many there are.
        .slice(1)
        .filter((line) => line.trim() !== '')
        .map((line) => wrong('configuration', line.trim(), 'Mend it; `sluice config check` looks again.'))
    );
  }
  const { source, groups, warnings } = checked;
  const names = groups.map(({ name }) => name).join(', ');
  return [
    ok('configuration', `${source}: ${names}`),
    ...warnings.map((warning) => doubtful('configuration', warning, 'See sluice.example.yaml.')),
    ...examineKeys(checked),
  ];
}

function examineKeys({ groups }: CheckedConfig): Finding[] {
  const real = groups
    .flatMap(({ deployments }) => deployments)
    .filter(({ provider }) => provider !== 'scripted');
  if (real.length === 0) {
    const mend = 'Set the key of a provider, as OPENAI_API_KEY=…; docs/providers.md lists them.';
    return [doubtful('providers', 'There is none but the scripted one, which only pretends.', mend)];
  }
  const keyless = real.filter(({ key }) => key.startsWith('no key'));
  if (keyless.length === 0)
    return [ok('providers', [...new Set(real.map(({ provider }) => provider))].join(', '))];
  return keyless.map(({ provider, model, key }) =>
    doubtful(
      'providers',
      `${provider}/${model} has ${key}.`,
      'Set it, or set api_key: null if it needs none.',
    ),
  );
}

async function examineFolder({ config }: CheckedConfig): Promise<Finding> {
  const { dataDir } = config;
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK);
    return ok('data folder', dataDir);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return wrong(
      'data folder',
      `${dataDir} cannot be written to (${code}).`,
      `sudo mkdir -p ${dataDir} && sudo chown -R "$USER" ${dataDir}, or set SLUICE_DATA_DIR`,
    );
  }
}

async function examineServer({ client }: Session): Promise<Finding> {
  try {
    const { status, redis, workers } = await client.health();
    // Its health is told to everybody; what it can do, not.
    await client.models();
    if (status === 'ok')
      return ok('server', `${client.baseURL}, with ${workers} worker${workers === 1 ? '' : 's'}`);
    return redis === 'ok'
      ? wrong('server', `${client.baseURL} has no worker: jobs wait.`, 'sluice serve worker')
      : wrong(
          'server',
          `${client.baseURL} cannot reach its Redis.`,
          'Start that Redis; the server finds it by itself.',
        );
  } catch (error) {
    if (error instanceof APIConnectionError) {
      return doubtful(
        'server',
        `None answers at ${client.baseURL}.`,
        'sluice serve, or name another with SLUICE_BASE_URL',
      );
    }
    const message = error instanceof APIError ? error.message : String(error);
    if (error instanceof AuthenticationError)
      return wrong('server', `${client.baseURL}: ${message}`, 'Set SLUICE_API_KEY to its master key.');
    return wrong(
      'server',
      `${client.baseURL}: ${message}`,
      'Is that a Sluice? Name another with SLUICE_BASE_URL.',
    );
  }
}
