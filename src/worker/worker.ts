import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { Pricing } from '../pricing/pricing.ts';
import type { TokenCounter } from '../pricing/token-counter.ts';
import type { Provider } from '../providers/provider.ts';
import { Consumer } from '../queue/consumer.ts';
import { Producer } from '../queue/producer.ts';
import type { Lane } from '../queue/queue-options.ts';
import { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';
import { Archiver } from './archiver.ts';
import { BatchLane } from './batch-lane.ts';
import { JobRunner } from './job-runner.ts';
import { Rescuer } from './rescuer.ts';
import { RunningJobs } from './running-jobs.ts';

/** Ms between two signs of life. */
const HEARTBEAT = 2000;

export interface WorkerParts {
  readonly config: Config;
  /** A store opened for `work`; the worker closes neither it nor the providers nor the counter. */
  readonly store: Store;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly counter: TokenCounter;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A worker process: consumers for each model group, a rescuer and an archiver. */
export class Worker {
  readonly id = `${hostname()}-${process.pid}`;
  readonly #parts: WorkerParts;
  readonly #consumers: readonly Consumer[];
  readonly #producer: Producer;
  readonly #rescuer: Rescuer;
  readonly #archiver: Archiver;
  readonly #batchLane: BatchLane;
  readonly #running: RunningJobs;
  readonly #hurry = new AbortController();
  #heartbeat: NodeJS.Timeout | null = null;
  #drained: Promise<void> | null = null;

  constructor(parts: WorkerParts) {
    const { config, store, providers, counter, logger, metrics } = parts;
    this.#parts = parts;
    this.#running = new RunningJobs(store, logger);
    const router = new Router(config.modelGroups);
    const runner = new JobRunner({
      workerId: this.id,
      store,
      router,
      providers,
      pricing: new Pricing(counter),
      retries: config.retries,
      limits: config.limits,
      running: this.#running,
      logger,
      metrics,
    });
    this.#producer = new Producer(store.redis, router.names, logger);
    this.#rescuer = new Rescuer(store, this.#producer, logger);
    this.#archiver = new Archiver(store, logger);
    const open = (lane: Lane) => (group: string, concurrency: number) =>
      new Consumer(
        store.redis,
        { group, lane, concurrency },
        (ticket, signal) => runner.run(ticket, signal),
        logger,
      );
    const { concurrency } = config.limits;
    this.#consumers = router.names.map((group) => open('interactive')(group, concurrency));
    this.#batchLane = new BatchLane(this.#producer, concurrency, open('batch'), logger);
  }

  /** Resolves once every queue is listened to. */
  async start(): Promise<void> {
    await this.#running.listen();
    await Promise.all(this.#consumers.map((consumer) => consumer.ready()));
    await this.#beat();
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT);
    this.#rescuer.start();
    this.#archiver.start();
    this.#batchLane.start();
    this.#parts.logger.info({ workerId: this.id }, 'worker ready');
  }

  /** Hands running jobs back after the configured grace. A second call cuts the grace short. */
  drain(): Promise<void> {
    if (this.#drained === null) this.#drained = this.#drain();
    else this.#hurry.abort();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    const { config, store, logger } = this.#parts;
    await this.#batchLane.stop();
    const consumers = [...this.#consumers, ...this.#batchLane.consumers];
    const running = consumers.reduce((sum, consumer) => sum + consumer.running, 0);
    logger.info({ workerId: this.id, running }, 'worker draining');
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await store.workers.leave(this.id).catch(() => {});
    const grace = 1000 * config.limits.drainGrace;
    await Promise.all(consumers.map((consumer) => consumer.drain(grace, this.#hurry.signal)));
    await Promise.all([this.#rescuer.stop(), this.#archiver.stop()]);
    await this.#producer.close();
    logger.info({ workerId: this.id }, 'worker drained');
  }

  async #beat(): Promise<void> {
    try {
      await this.#parts.store.workers.beat(this.id);
    } catch (error) {
      this.#parts.logger.warn({ err: error, workerId: this.id }, 'heartbeat failed');
    }
  }
}
