import { connectRedis, whenReady } from './redis.ts';

/** What there is to know of a Redis before trusting it. Null: it does not say. */
export interface RedisHealth {
  /** `Redis` or `Valkey`. */
  readonly name: string;
  readonly version: string;
  /** Whether it was started from a file, into which it can write what is set. */
  readonly hasConfigFile: boolean;
  readonly appendonly: string | null;
  readonly appendfsync: string | null;
  readonly maxmemoryPolicy: string | null;
  /** For people: `1.2M`. */
  readonly usedMemory: string;
  /** For people, where there is a limit: ` of 2.0G`. */
  readonly maxMemory: string;
  /** Milliseconds of a round trip, the median of some. */
  readonly latency: number;
}

const PATIENCE = 3000;
const ROUND_TRIPS = 51;

/** Looks at a server, and changes nothing. Rejects where it cannot be reached. */
export async function inspectRedis(url: string): Promise<RedisHealth> {
  const redis = connectRedis(url, 'request');
  // Told by `whenReady`.
  redis.on('error', () => {});
  try {
    await whenReady(redis, PATIENCE);
    const info = parseInfo(await redis.info());
    // Hosted servers often do not allow it.
    const setting = async (name: string): Promise<string | null> => {
      const reply = await redis.config('GET', name).catch(() => null);
      return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null;
    };
    const { valkey_version: valkey, redis_version: version = 'unknown' } = info;
    return {
      name: valkey === undefined ? 'Redis' : 'Valkey',
      version: valkey ?? version,
      hasConfigFile: Boolean(info.config_file),
      appendonly: await setting('appendonly'),
      appendfsync: await setting('appendfsync'),
      maxmemoryPolicy: await setting('maxmemory-policy'),
      usedMemory: info.used_memory_human ?? 'unknown',
      maxMemory: Number(info.maxmemory) > 0 ? ` of ${info.maxmemory_human}` : '',
      latency: await medianRoundTrip(() => redis.ping()),
    };
  } finally {
    redis.disconnect();
  }
}

function parseInfo(text: string): Readonly<Record<string, string | undefined>> {
  const pairs = text.split('\r\n').map((line) => line.split(':', 2));
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

async function medianRoundTrip(ping: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const began = performance.now();
    await ping();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUND_TRIPS / 2)] ?? 0;
}
