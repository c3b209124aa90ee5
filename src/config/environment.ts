import { BlockList, isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { Config } from './config.ts';
import { didYouMean } from './keys.ts';
import type { Problems } from './problems.ts';
import { variable } from './reading.ts';
import { CREDENTIAL_RULE, isCredential } from './schema.ts';

const LOG_LEVELS: readonly Config['logLevel'][] = [
  'fatal',
  'error',
  'warn',
  'info',
  'debug',
  'trace',
  'silent',
];

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What is configured by environment variables alone. */
export type EnvironmentSettings = Pick<
  Config,
  'host' | 'port' | 'redisUrl' | 'dataDir' | 'archiveDir' | 'filesDir' | 'logLevel' | 'masterKey'
>;

/**
 * Reads PORT, HOST, REDIS_URL, SLUICE_DATA_DIR, SLUICE_ARCHIVE_DIR, SLUICE_FILES_DIR, LOG_LEVEL and SLUICE_MASTER_KEY. An empty one counts as
 * unset.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, problems: Problems): EnvironmentSettings {
  const dataDir = resolve(variable(environment, 'SLUICE_DATA_DIR') ?? '.sluice');
  return {
    host: readHost(environment, problems),
    port: readPort(environment, problems),
    redisUrl: readRedisUrl(environment, problems),
    dataDir,
    archiveDir: resolve(variable(environment, 'SLUICE_ARCHIVE_DIR') ?? join(dataDir, 'archive')),
    filesDir: resolve(variable(environment, 'SLUICE_FILES_DIR') ?? join(dataDir, 'files')),
    logLevel: readLogLevel(environment, problems),
    masterKey: readCredential('SLUICE_MASTER_KEY', environment, problems),
  };
}

/** True if only this machine can connect: 127.0.0.0/8, ::1 and `localhost`. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function readHost(environment: NodeJS.ProcessEnv, problems: Problems): string {
  const host = variable(environment, 'HOST') ?? '127.0.0.1';
  if (isIP(host) === 0 && !/^[\w-]+(\.[\w-]+)*$/.test(host)) {
    problems.addVariable('HOST', 'must be an IP address or a host name, without a port or brackets');
  }
  return host;
}

function readPort(environment: NodeJS.ProcessEnv, problems: Problems): number {
  const text = variable(environment, 'PORT') ?? '4000';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535)
    problems.addVariable('PORT', 'must be a whole number from 0 to 65535 (0: any free port)');
  return port;
}

function readRedisUrl(environment: NodeJS.ProcessEnv, problems: Problems): string | null {
  const url = variable(environment, 'REDIS_URL');
  if (url === null || url.startsWith('/')) return url;
  if (!['redis:', 'rediss:'].includes(URL.parse(url)?.protocol ?? '')) {
    problems.addVariable(
      'REDIS_URL',
      'must be redis://host:port, rediss://host:port, or the absolute path of a socket',
    );
  }
  return url;
}

function readLogLevel(environment: NodeJS.ProcessEnv, problems: Problems): Config['logLevel'] {
  const text = (variable(environment, 'LOG_LEVEL') ?? 'info').toLowerCase();
  const level = LOG_LEVELS.find((candidate) => candidate === text);
  if (level === undefined) {
    problems.addVariable(
      'LOG_LEVEL',
      `must be one of ${LOG_LEVELS.join(', ')}${didYouMean(text, LOG_LEVELS)}`,
    );
  }
  return level ?? 'info';
}

function readCredential(name: string, environment: NodeJS.ProcessEnv, problems: Problems): string | null {
  const value = variable(environment, name);
  if (value !== null && !isCredential(value)) problems.addVariable(name, CREDENTIAL_RULE);
  return value;
}
