import type { Config } from '../../config/config.ts';
import { embeddedSocketOf } from '../../store/embedded-redis.ts';
import { inspectRedis, type RedisHealth } from '../../store/redis-health.ts';
import { findRedisServer } from '../../store/redis-process.ts';
import { doubtful, type Finding, ok, wrong } from './finding.ts';

/** As in the README. */
const OLDEST = 7;
/** Milliseconds: beyond this each delta waits noticeably. */
const SLOW = 2;
const INSTALL =
  'apt-get install redis-server (or: brew install redis), or set REDIS_URL to one that runs elsewhere';

/** Looks at the Redis that Sluice would use: the one that is named, or its own. */
export async function examineRedis(config: Config): Promise<Finding[]> {
  if (config.redisUrl !== null) return examineNamed(config.redisUrl);
  const binary = await findRedisServer();
  if (binary === null)
    return [wrong('Redis', 'There is no redis-server or valkey-server ≥ 7.0 on PATH.', INSTALL)];
  const found = await inspectOwn(config.dataDir);
  const own = `Sluice's own, ${binary}`;
  return found === null
    ? [ok('Redis', `${own}; it does not run now`)]
    : [ok('Redis', own), ...describe(found.health, `-s ${found.socket}`)];
}

/** Null: it does not run. */
async function inspectOwn(dataDir: string): Promise<{ health: RedisHealth; socket: string } | null> {
  try {
    const socket = embeddedSocketOf(dataDir);
    return { health: await inspectRedis(socket), socket };
  } catch {
    return null;
  }
}

async function examineNamed(url: string): Promise<Finding[]> {
  try {
    // By its variable: the address may hold a password.
    return describe(await inspectRedis(url), url.startsWith('/') ? `-s ${url}` : '-u "$REDIS_URL"');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [wrong('Redis', `REDIS_URL cannot be reached: ${reason}`, 'Start it, or mend REDIS_URL.')];
  }
}

/** `server`: which one, for redis-cli, that mends another one otherwise. */
function describe(health: RedisHealth, server: string): Finding[] {
  const { version, name, appendonly, appendfsync, maxmemoryPolicy, latency } = health;
  const set = (key: string, value: string): string =>
    `redis-cli ${server} CONFIG SET ${key} ${value}` +
    (health.hasConfigFile
      ? ` && redis-cli ${server} CONFIG REWRITE`
      : `; and start it with --${key} ${value}, as it has no configuration file`);
  const findings: Finding[] = [];
  findings.push(
    Number(version.split('.')[0]) >= OLDEST
      ? ok('Redis version', `${name} ${version}`)
      : wrong('Redis version', `${name} ${version} is too old.`, `Install Redis ≥ ${OLDEST}.0 or Valkey.`),
  );
  if (appendonly === null) {
    const mend = 'Look for appendonly yes and maxmemory-policy noeviction in its settings.';
    findings.push(doubtful('Redis settings', 'It does not show them (CONFIG is not allowed).', mend));
  } else if (appendonly === 'yes') {
    findings.push(ok('Redis persistence', `appendonly yes, appendfsync ${appendfsync}`));
  } else {
    findings.push(
      wrong(
        'Redis persistence',
        'appendonly is off: a restart forgets accepted jobs.',
        set('appendonly', 'yes'),
      ),
    );
  }
  if (maxmemoryPolicy !== null && maxmemoryPolicy !== 'noeviction') {
    const found = `maxmemory-policy ${maxmemoryPolicy} lets Redis drop jobs.`;
    findings.push(wrong('Redis memory', found, set('maxmemory-policy', 'noeviction')));
  } else if (maxmemoryPolicy !== null) {
    findings.push(ok('Redis memory', `noeviction, ${health.usedMemory} in use${health.maxMemory}`));
  }
  findings.push(
    latency <= SLOW
      ? ok('Redis latency', `${latency.toFixed(2)} ms`)
      : doubtful(
          'Redis latency',
          `${latency.toFixed(1)} ms: every delta waits so long.`,
          'Bring Sluice nearer to its Redis.',
        ),
  );
  return findings;
}
