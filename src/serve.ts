import { setTimeout as delay } from 'node:timers/promises';
import { ApiServer } from './api/server.ts';
import { BatchResults } from './batches/batch-results.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { Feeder } from './feeder/feeder.ts';
import { Files } from './files/files.ts';
import { createLogger, type LogDestination, type Logger } from './log.ts';
import { Metrics } from './metrics.ts';
import { Webhooks } from './notices/webhooks.ts';
import { TokenCounter } from './pricing/token-counter.ts';
import { providerOfModel } from './providers/model-names.ts';
import { createProviders, PROVIDER_INFOS } from './providers/registry.ts';
import { Producer } from './queue/producer.ts';
import { Router } from './routing/router.ts';
import { DiskArchive } from './store/archive/disk-archive.ts';
import type { BatchStore } from './store/batches/batch-store.ts';
import { startEmbeddedRedis } from './store/embedded-redis.ts';
import { LocalAnnouncements } from './store/local-announcements.ts';
import { Store } from './store/store.ts';
import { FileSweeper } from './worker/file-sweeper.ts';
import { WebhookDeliverer } from './worker/webhook-deliverer.ts';
import { Worker } from './worker/worker.ts';

/** Ms beyond the drain's grace after which a process that cannot shut down in order does so without. */
const HARD_EXIT = 15_000;

/** What a process is; at least one of them. */
export interface Roles {
  readonly api: boolean;
  readonly worker: boolean;
  readonly feeder: boolean;
}

/** Something to stop, in the reverse order of starting. */
type Stop = () => Promise<void>;

/**
 * Runs Sluice in this process, in the roles given and as the environment has it, until SIGTERM or SIGINT ends the process.
 * Resolves once it runs. Rejects with a ConfigError when the configuration has mistakes; what fails after that is logged,
 * and ends the process with exit code 1. `log`: where its log goes, in place of standard output.
 */
export async function serve(
  roles: Roles,
  environment: NodeJS.ProcessEnv,
  log?: LogDestination,
): Promise<void> {
  const knowledge = { providers: PROVIDER_INFOS, providerOfModel };
  const { config, warnings, fromFile } = await loadConfig(environment, knowledge);
  const logger = createLogger(config.logLevel, log);
  for (const warning of warnings) logger.warn(warning);
  const names = config.modelGroups.map(({ name }) => name).join(', ');
  if (!fromFile) logger.info(`no configuration file: serving ${names}, as the environment has it`);

  const stops: Stop[] = [];
  let worker: Worker | null = null;
  let stopping = false;
  const shutDown = (signal: string): void => {
    if (stopping) {
      void worker?.drain();
      return;
    }
    stopping = true;
    logger.info({ signal }, 'shutting down');
    const hardExit = setTimeout(() => process.exit(1), 1000 * config.limits.drainGrace + HARD_EXIT);
    hardExit.unref();
    void stopAll(stops, logger).then(() => process.exit(0));
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
  try {
    worker = await start(roles, config, logger, stops);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.fatal({ err: error }, `could not start: ${reason}`);
    await stopAll(stops, logger);
    process.exit(1);
  }
}

/** Where Redis is; starts one in the data folder if none was named. */
async function locateRedis(config: Config, logger: Logger, stops: Stop[]) {
  if (config.redisUrl !== null) return { url: config.redisUrl, revive: () => {} };
  const embedded = await startEmbeddedRedis({ dataDir: config.dataDir, logger });
  stops.push(() => embedded.close());
  const revive = (): void => {
    embedded
      .ensureRunning()
      .catch((err: unknown) => logger.error({ err }, 'could not restart the embedded Redis'));
  };
  return { url: embedded.socketPath, revive };
}

async function start(roles: Roles, config: Config, logger: Logger, stops: Stop[]): Promise<Worker | null> {
  const redis = await locateRedis(config, logger, stops);
  const metrics = new Metrics();
  const announcements = new LocalAnnouncements();
  const archive = new DiskArchive(config.archiveDir);
  const blobs = await openBlobs(config);
  const counter = new TokenCounter();
  stops.push(() => counter.close());
  const openStore = async (purpose: 'request' | 'work'): Promise<{ store: Store; webhooks: Webhooks }> => {
    const lines = (batches: BatchStore): BatchResults => new BatchResults(batches, blobs);
    // A line of a batch may take as long as its batch.
    const jobTimeout = Math.max(config.limits.jobTimeout, config.limits.batchTimeout);
    const retention = { ...config.limits, jobTimeout };
    const options = { purpose, retention, logger, announcements, archive, lines };
    const store = await Store.open(redis.url, options);
    store.onDisconnect(redis.revive);
    stops.push(() => store.close());
    const webhooks = await Webhooks.open(store, config.webhooks, logger);
    stops.push(() => webhooks.close());
    return { store, webhooks };
  };

  let worker: Worker | null = null;
  if (roles.worker) {
    const providers = createProviders();
    stops.push(() => providers.close());
    const { store, webhooks } = await openStore('work');
    worker = new Worker({ config, store, providers, counter, logger, metrics });
    await worker.start();
    const sweeper = new FileSweeper(store, new Files(store.files, blobs), logger);
    sweeper.start();
    stops.push(() => sweeper.stop());
    const deliverer = new WebhookDeliverer({ store, webhooks, settings: config.webhooks, logger, metrics });
    await deliverer.start();
    stops.push(() => deliverer.stop());
  }
  const feeder = roles.feeder ? openFeeder(config, blobs, logger, await openStore('work')) : null;
  let api: ApiServer | null = null;
  if (roles.api) {
    const { store, webhooks } = await openStore('request');
    const files = new Files(store.files, blobs);
    api = new ApiServer({ config, store, files, webhooks, counter, logger, metrics });
    const { host, port } = await api.listen();
    logger.info({ host, port }, `listening on http://${host}:${port}`);
  }
  // Readers stay connected while the worker finishes or hands over what it runs.
  stops.push(async () => {
    const grace = (): Promise<void> => delay(1000 * config.limits.drainGrace, undefined, { ref: false });
    const drained = worker?.drain() ?? (api === null ? Promise.resolve() : grace());
    await Promise.all([feeder?.stop(), drained, api?.close(drained)]);
  });
  return worker;
}

function openFeeder(
  config: Config,
  blobs: BlobStore,
  logger: Logger,
  { store, webhooks }: { store: Store; webhooks: Webhooks },
): Feeder {
  const router = new Router(config.modelGroups);
  const feeder = new Feeder({
    config,
    store,
    files: new Files(store.files, blobs),
    blobs,
    results: new BatchResults(store.batches, blobs),
    producer: new Producer(store.redis, router.names, logger),
    router,
    webhooks,
    logger,
  });
  feeder.start();
  return feeder;
}

async function stopAll(stops: Stop[], logger: Logger): Promise<void> {
  for (const stop of stops.reverse()) {
    await stop().catch((err: unknown) => logger.error({ err }, 'shutdown step failed'));
  }
}
