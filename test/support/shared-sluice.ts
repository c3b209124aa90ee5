import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect } from 'vitest';
import { PROMPT } from './ask.ts';
import { startRedis } from './redis-server.ts';
import { type SluiceOptions, type SluiceProcess, startSluice } from './sluice-process.ts';

/** One Sluice, on a Redis of its own, for all tests of a file. Not there before the first of them. */
export interface SharedSluice {
  readonly url: string;
  readonly process: SluiceProcess;
  /** Looks into Redis directly. */
  readonly redis: Redis;
  readonly redisUrl: string;
}

export interface SharedOptions extends Omit<SluiceOptions, 'redisUrl' | 'config'> {
  readonly config?: object;
  /** What must never be logged, besides {@link PROMPT}. */
  readonly secrets?: readonly string[];
}

/**
 * Starts it before the tests of the file that calls this, and ends it after them. Then its log must hold no
 * error and no secret: whatever the tests did, none of it was a failure of Sluice's own.
 */
export function sharedSluice(options: SharedOptions = {}): SharedSluice {
  const { config, secrets = [], ...rest } = options;
  let running: SharedSluice | undefined;
  const stops: (() => unknown)[] = [];

  beforeAll(async () => {
    const server = await startRedis();
    stops.push(() => server.stop());
    const redisUrl = server.connectionUrl;
    const redis = new Redis(redisUrl);
    redis.on('error', () => {});
    stops.push(() => redis.disconnect());
    // JSON is YAML.
    const file = config && { config: JSON.stringify(config) };
    const process = await startSluice({ ...rest, ...file, redisUrl });
    stops.push(() => process[Symbol.asyncDispose]());
    running = { url: process.url, process, redis, redisUrl };
  });

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    if (running) expectQuietLog(running.process, secrets);
  });

  const now = (): SharedSluice => {
    if (running === undefined) throw new Error('The shared Sluice does not run yet.');
    return running;
  };
  return {
    get url() {
      return now().url;
    },
    get process() {
      return now().process;
    },
    get redis() {
      return now().redis;
    },
    get redisUrl() {
      return now().redisUrl;
    },
  };
}

/** Holds everything that a process has printed against the rules for logs. */
export function expectQuietLog(process: SluiceProcess, secrets: readonly string[] = []): void {
  expect(process.strays).toEqual([]);
  expect(process.log.filter(({ level }) => ['error', 'fatal'].includes(level))).toEqual([]);
  const lines = process.log.map((line) => JSON.stringify(line));
  for (const secret of [PROMPT, ...secrets]) {
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  }
}
