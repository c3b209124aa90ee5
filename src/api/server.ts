import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { BatchResults } from '../batches/batch-results.ts';
import type { Config } from '../config/config.ts';
import type { Files } from '../files/files.ts';
import { Submissions } from '../intake/submissions.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { WebhookSender } from '../notices/webhook-sender.ts';
import { WebhookTargets } from '../notices/webhook-targets.ts';
import type { Webhooks } from '../notices/webhooks.ts';
import type { TokenCounter } from '../pricing/token-counter.ts';
import { Producer } from '../queue/producer.ts';
import { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';
import { createApp } from './app.ts';
import { Closing } from './closing.ts';
import { SseResponses } from './sse-response.ts';
import { refuseUnreadable } from './unreadable.ts';

/** Ms that an idle connection is kept: longer than the load balancers' usual 60 s, or they meet closed ones. */
const KEEP_ALIVE = 75_000;
/** Ms in which a whole request has to arrive: large files come over slow lines. */
const REQUEST_TIMEOUT = 3_600_000;
/** Ms that ended streams get to reach their readers before the connections are cut. */
const LAST_WORDS = 1000;

export interface ApiServerParts {
  readonly config: Config;
  /** A store opened for `request`; the server does not close it. */
  readonly store: Store;
  readonly files: Files;
  /** Of this store; the server does not close them. */
  readonly webhooks: Webhooks;
  /** Counts tokens for whoever asks; the server does not close it. */
  readonly counter: TokenCounter;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The HTTP API. */
export class ApiServer {
  readonly app: Express;
  readonly #server: Server;
  readonly #producer: Producer;
  readonly #streams: SseResponses;
  readonly #webhookSender: WebhookSender;
  readonly #closing = new Closing();
  readonly #config: Config;

  constructor({ config, store, files, webhooks, counter, logger, metrics }: ApiServerParts) {
    this.#config = config;
    this.#webhookSender = new WebhookSender(config.webhooks);
    const { limits } = config;
    const router = new Router(config.modelGroups);
    this.#producer = new Producer(store.redis, router.names, logger);
    this.#streams = new SseResponses(metrics, limits, this.#closing);
    const producer = this.#producer;
    this.app = createApp({
      config,
      store,
      files,
      results: new BatchResults(store.batches, files.blobs),
      producer,
      router,
      submissions: new Submissions({ store, producer, router, limits, logger, metrics }),
      streams: this.#streams,
      counter,
      webhooks,
      webhookSender: this.#webhookSender,
      webhookTargets: new WebhookTargets(config.webhooks.allowHosts),
      logger,
      metrics,
      closing: this.#closing,
    });
    // What Node.js would refuse by itself, with an answer that has no body, is refused in our own words.
    const options = {
      keepAliveTimeout: KEEP_ALIVE,
      requestTimeout: REQUEST_TIMEOUT,
      noDelay: true,
      requireHostHeader: false,
    };
    this.#server = createServer(options, this.app);
    this.#server.on('checkExpectation', this.app);
    this.#server.on('clientError', refuseUnreadable);
  }

  /** Listens; the address it got, or an error that names host and port. */
  async listen(): Promise<{ host: string; port: number }> {
    const { host, port } = this.#config;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refuse = (error: NodeJS.ErrnoException): void => reject(explain(error, host, port));
    this.#server.once('error', refuse);
    this.#server.listen(port, host, resolve);
    await promise;
    this.#server.off('error', refuse);
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Takes no more requests and lets those in flight end; what is left at `cutoff` is ended from here. */
  async close(cutoff: Promise<void>): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await Promise.race([closed, cutoff]);
    this.#closing.begin();
    const force = setTimeout(() => this.#server.closeAllConnections(), LAST_WORDS);
    await closed;
    clearTimeout(force);
    this.#streams.close();
    await Promise.all([this.#producer.close(), this.#webhookSender.close()]);
  }
}

/** Why the server cannot listen, for the operator. */
function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use by another process: set PORT to another, or to 0 for any free one`,
    EACCES: `port ${port} needs more rights than this process has: set PORT to one above 1023`,
    EADDRNOTAVAIL: 'this machine has no such address: set HOST to one that it has',
    ENOTFOUND: 'this name does not exist: set HOST to an address of this machine',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}
