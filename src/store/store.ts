import type { LogEntry } from '../core/log-entry.ts';
import type { Logger } from '../log.ts';
import type { Archive } from './archive/archive.ts';
import { ArchivedJobs } from './archive/archived-jobs.ts';
import { AttemptStore } from './attempt-store.ts';
import { BatchFeed } from './batches/batch-feed.ts';
import { BatchStore } from './batches/batch-store.ts';
import { DeltaLog } from './delta-log.ts';
import { FileStore } from './file-store.ts';
import { type FollowOptions, follow } from './follow.ts';
import { JobIndex } from './job-index.ts';
import { JobStore } from './job-store.ts';
import { keys } from './keys.ts';
import type { LineRecords } from './line-records.ts';
import { LiveChannels, RESYNC } from './live.ts';
import type { LocalAnnouncements } from './local-announcements.ts';
import { type ConnectionPurpose, connectRedis, type ScriptedRedis, whenReady } from './redis.ts';
import type { Retention } from './retention.ts';
import { UploadStore } from './upload-store.ts';
import { waitSettled } from './wait.ts';
import { DeliveryStore } from './webhooks/delivery-store.ts';
import { EndpointStore } from './webhooks/endpoint-store.ts';
import { WorkerRegistry } from './worker-registry.ts';

/** The oldest Redis whose commands suffice. */
const OLDEST_REDIS = '7.0';
/** Ms to wait for Redis at the start of a process. */
const CONNECT_TIMEOUT = 10_000;

export interface StoreOptions {
  readonly purpose: Exclude<ConnectionPurpose, 'subscribe'>;
  readonly retention: Retention;
  readonly logger: Logger;
  /** Shared by the stores of one process. */
  readonly announcements: LocalAnnouncements;
  /** Where stored jobs are kept beyond Redis. */
  readonly archive: Archive;
  /** Where the records of lines are once their batches have gathered them; by the store's own batches. */
  readonly lines: (batches: BatchStore) => LineRecords;
}

/** Everything durable, over two connections: one for commands, one for announcements. */
export class Store {
  readonly jobs: JobStore;
  readonly archived: ArchivedJobs;
  readonly attempts: AttemptStore;
  readonly log: DeltaLog;
  readonly workers: WorkerRegistry;
  readonly files: FileStore;
  readonly uploads: UploadStore;
  readonly batches: BatchStore;
  readonly endpoints: EndpointStore;
  readonly deliveries: DeliveryStore;
  /** What feeders do to batches. */
  readonly feed: BatchFeed;
  /** The command connection, for the queue to share: commands of both keep their order on it. */
  readonly redis: ScriptedRedis;
  readonly #subscriber: ScriptedRedis;
  readonly #live: LiveChannels;
  #closed = false;

  private constructor(redis: ScriptedRedis, subscriber: ScriptedRedis, options: StoreOptions) {
    const { retention, logger, announcements, archive, lines } = options;
    this.redis = redis;
    this.#subscriber = subscriber;
    this.#live = new LiveChannels(subscriber, logger);
    announcements.join(this.#live);
    const index = new JobIndex(redis, retention);
    this.archived = new ArchivedJobs(redis, index, archive, retention);
    this.batches = new BatchStore(redis, this.#live);
    this.feed = new BatchFeed(redis);
    this.jobs = new JobStore(redis, index, this.archived, lines(this.batches));
    this.attempts = new AttemptStore(redis, index, announcements, retention);
    this.log = new DeltaLog(redis, announcements);
    this.workers = new WorkerRegistry(redis);
    this.files = new FileStore(redis);
    this.uploads = new UploadStore(redis);
    this.endpoints = new EndpointStore(redis, this.#live);
    this.deliveries = new DeliveryStore(redis);
  }

  /** Connects; rejects with a message for the operator if Redis cannot be reached or is too old. */
  static async open(url: string, options: StoreOptions): Promise<Store> {
    const { purpose, logger } = options;
    const redis = connectRedis(url, purpose);
    const subscriber = connectRedis(url, 'subscribe');
    for (const connection of [redis, subscriber]) {
      connection.on('error', (error: Error) => logger.warn({ err: error }, 'redis connection'));
    }
    try {
      await Promise.all([whenReady(redis, CONNECT_TIMEOUT), whenReady(subscriber, CONNECT_TIMEOUT)]);
      await refuseOldRedis(redis);
    } catch (error) {
      redis.disconnect();
      subscriber.disconnect();
      throw error;
    }
    return new Store(redis, subscriber, options);
  }

  /** A job's log, stored and live; see `follow.ts`. */
  follow(jobId: string, options: FollowOptions): AsyncGenerator<LogEntry> {
    return follow(this.log, this.#live, jobId, options);
  }

  /** Waits for a job's terminal entry; see `wait.ts`. */
  waitSettled(jobId: string, signal: AbortSignal): Promise<boolean> {
    return waitSettled(this.jobs, this.#live, jobId, signal);
  }

  /** Calls `heard` with each job id whose cancellation is announced, and with null if some may have been missed. */
  async onCancellation(heard: (jobId: string | null) => void): Promise<void> {
    await this.#live.listen(keys.cancellations, (message) => heard(message === RESYNC ? null : message));
  }

  /** Calls `lost` whenever the command connection drops; it reconnects by itself. */
  onDisconnect(lost: () => void): void {
    this.redis.on('close', () => {
      if (!this.#closed) lost();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([this.redis.quit(), this.#subscriber.quit()]);
    this.redis.disconnect();
    this.#subscriber.disconnect();
  }
}

async function refuseOldRedis(redis: ScriptedRedis): Promise<void> {
  const info = await redis.info('server');
  const version = /^redis_version:(\d+\.\d+)/m.exec(info)?.[1] ?? '0.0';
  if (version.localeCompare(OLDEST_REDIS, 'en', { numeric: true }) < 0) {
    throw new Error(`Redis ${version} is too old: Sluice needs ${OLDEST_REDIS} or newer, or Valkey.`);
  }
}
