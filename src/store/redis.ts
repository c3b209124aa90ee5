import { readFileSync } from 'node:fs';
import { type ChainableCommander, Redis, type RedisOptions } from 'ioredis';
import { gatherWrites } from './gathered-writes.ts';

/** A connection on which Sluice's scripts are commands. Each script's file documents its arguments. */
export interface ScriptedRedis extends Redis {
  sluiceCreate(record: string, ...fields: (string | number)[]): Promise<number>;
  sluiceRead(record: string): Promise<string[]>;
  sluiceReserve(key: string, claim: string, ttl: number): Promise<string>;
  sluiceClaim(record: string, log: string, ...args: (string | number)[]): Promise<(string | number)[]>;
  sluiceAppend(record: string, log: string, previous: string, id: string, payload: string): Promise<number>;
  sluiceSettle(record: string, log: string, ...args: (string | number)[]): Promise<number>;
  sluiceRelease(record: string, log: string, ...args: (string | number)[]): Promise<number>;
  sluiceCancel(record: string, now: number, channel: string, jobId: string): Promise<string>;
  sluiceIndex(...keysAndChanges: (string | number)[]): Promise<number>;
  sluiceAnnotate(record: string, metadata: string, storedTtl: number): Promise<number>;
  sluiceArchived(record: string, revision: string, ttl: number): Promise<number>;
  sluiceDropDue(set: string, member: string, score: number): Promise<number>;
  sluiceBatchCreate(batch: string, spec: string, ...fields: (string | number)[]): Promise<number>;
  sluiceBatchClaim(batch: string): Promise<(string | number)[]>;
  sluiceBatchMove(batch: string, ...args: (string | number)[]): Promise<number>;
  sluiceBatchFeed(batch: string, window: string, ...args: (string | number)[]): Promise<number>;
  sluiceBatchCommit(
    batch: string,
    window: string,
    segments: string,
    places: string,
    ...args: (string | number | Buffer)[]
  ): Promise<number>;
  sluiceBatchCancel(batch: string, now: number, channel: string): Promise<string>;
  sluiceUploadPart(upload: string, ...args: (string | number)[]): Promise<string>;
  sluiceUploadEnd(upload: string, now: number, status: string, file: string): Promise<string[]>;
  sluiceWebhookRecord(...keysAndFields: (string | number)[]): Promise<[status: string, round: string]>;
  sluiceWebhookAttempt(
    record: string,
    pending: string,
    ended: string,
    ...args: (string | number)[]
  ): Promise<number>;
  sluiceWebhookRedeliver(
    record: string,
    pending: string,
    ended: string,
    ...args: (string | number)[]
  ): Promise<number>;
  sluiceWebhookEndpoint(endpoints: string, ...args: (string | number)[]): Promise<number>;
  sluiceTakeDue(set: string, now: number, next: number, count: number): Promise<string[]>;
}

const SCRIPTS: Record<string, { file: string; numberOfKeys: number }> = {
  sluiceCreate: { file: 'create', numberOfKeys: 1 },
  sluiceRead: { file: 'read', numberOfKeys: 1 },
  sluiceReserve: { file: 'reserve', numberOfKeys: 1 },
  sluiceClaim: { file: 'claim', numberOfKeys: 2 },
  sluiceAppend: { file: 'append', numberOfKeys: 2 },
  sluiceSettle: { file: 'settle', numberOfKeys: 2 },
  sluiceRelease: { file: 'release', numberOfKeys: 2 },
  sluiceCancel: { file: 'cancel', numberOfKeys: 1 },
  sluiceIndex: { file: 'index', numberOfKeys: 9 },
  sluiceAnnotate: { file: 'annotate', numberOfKeys: 1 },
  sluiceArchived: { file: 'archived', numberOfKeys: 1 },
  sluiceDropDue: { file: 'drop-due', numberOfKeys: 1 },
  sluiceBatchCreate: { file: 'batch-create', numberOfKeys: 1 },
  sluiceBatchClaim: { file: 'batch-claim', numberOfKeys: 1 },
  sluiceBatchMove: { file: 'batch-move', numberOfKeys: 1 },
  sluiceBatchFeed: { file: 'batch-feed', numberOfKeys: 2 },
  sluiceBatchCommit: { file: 'batch-commit', numberOfKeys: 4 },
  sluiceBatchCancel: { file: 'batch-cancel', numberOfKeys: 1 },
  sluiceUploadPart: { file: 'upload-part', numberOfKeys: 1 },
  sluiceUploadEnd: { file: 'upload-end', numberOfKeys: 1 },
  sluiceWebhookRecord: { file: 'webhook-record', numberOfKeys: 6 },
  sluiceWebhookAttempt: { file: 'webhook-attempt', numberOfKeys: 3 },
  sluiceWebhookRedeliver: { file: 'webhook-redeliver', numberOfKeys: 3 },
  sluiceWebhookEndpoint: { file: 'webhook-endpoint', numberOfKeys: 1 },
  sluiceTakeDue: { file: 'take-due', numberOfKeys: 1 },
};

/**
 * What a connection is for, which decides how it meets an outage. `request`: fails at once, so that a
 * client gets its 503 now. `work`: waits and sends again, because a running job outlives the outage and
 * every write of ours may be repeated. `subscribe`: waits and subscribes again.
 */
export type ConnectionPurpose = 'request' | 'work' | 'subscribe';

const OPTIONS = {
  request: { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 5000 },
  work: { maxRetriesPerRequest: null },
  subscribe: { maxRetriesPerRequest: null },
} satisfies Record<ConnectionPurpose, RedisOptions>;

/**
 * Opens a connection. `url` is `redis://…`, `rediss://…`, or the absolute path of a Unix socket.
 * Connection errors are events (`error`), never exceptions of the caller's; it reconnects by itself.
 */
export function connectRedis(url: string, purpose: ConnectionPurpose): ScriptedRedis {
  const options = {
    ...OPTIONS[purpose],
    connectionName: `sluice-${purpose}`,
    retryStrategy: (times: number): number =>
      Math.min(20 * 2 ** Math.min(times, 6), 500) + Math.random() * 50,
  };
  // A leading slash makes it the path of a Unix socket.
  const redis = new Redis(url, options);
  redis.on('connect', () => gatherWrites(redis.stream));
  for (const [name, { file, numberOfKeys }] of Object.entries(SCRIPTS)) {
    const lua = readFileSync(new URL(`./lua/${file}.lua`, import.meta.url), 'utf8');
    redis.defineCommand(name, { lua, numberOfKeys });
  }
  return redis as ScriptedRedis;
}

/** Waits until the connection can take commands; rejects after `timeout` ms with the last error. */
export async function whenReady(redis: Redis, timeout: number): Promise<void> {
  if (redis.status === 'ready') return;
  let lastError: Error | undefined;
  const remember = (error: Error): void => {
    lastError = error;
  };
  redis.on('error', remember);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    reject(new Error(`Redis did not answer within ${timeout} ms: ${lastError?.message ?? 'no error given'}`));
  }, timeout);
  redis.once('ready', resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off('ready', resolve);
    redis.off('error', remember);
  }
}

/** True for what a lost or refused connection throws, as opposed to an answer of Redis. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    /Stream isn't writeable|Connection is closed|Command timed out|ECONN|EPIPE|ENOENT|^(LOADING|OOM|MISCONF|READONLY|MASTERDOWN)/.test(
      error.message,
    )
  );
}

/** The replies of a pipeline or transaction; throws the first error among them, which `exec` alone does not. */
export async function replies(pipeline: ChainableCommander): Promise<unknown[]> {
  const all = (await pipeline.exec()) ?? [];
  return all.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}
