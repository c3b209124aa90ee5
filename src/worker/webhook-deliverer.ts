import type { WebhookSettings } from '../config/config.ts';
import { Rounds } from '../core/rounds.ts';
import type { Delivery } from '../core/webhook-delivery.ts';
import type { WebhookEndpoint } from '../core/webhook-endpoint.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { nextAttempt } from '../notices/retry.ts';
import { type SentWebhook, WebhookSender } from '../notices/webhook-sender.ts';
import type { Webhooks } from '../notices/webhooks.ts';
import type { Consumer, RunEnd } from '../queue/consumer.ts';
import { consumeDeliveries } from '../queue/delivery-queue.ts';
import type { Store } from '../store/store.ts';
import { type DeliveryEnd, ENDPOINT_DELETED } from '../store/webhooks/delivery-store.ts';

/** Deliveries that one process makes at once, in all and to one host. */
const CONCURRENCY = 100;
const CONCURRENCY_PER_HOST = 20;
/** Ms, on average, after which a delivery is offered again whose host has as many as it may. */
const HOST_IS_BUSY = 1000;
/** Ms between two looks for deliveries whose tickets are lost. */
const ROUND = 5000;
const TOGETHER = 100;
/** Ms that endpoints have to answer once this process ends. */
const GRACE = 2000;
/** The only status that says that nothing more is wanted. */
const GONE = 410;
const DONE: RunEnd = { kind: 'done' };

export interface DelivererParts {
  readonly store: Store;
  readonly webhooks: Webhooks;
  readonly settings: WebhookSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Delivers webhooks. Every worker process runs one. */
export class WebhookDeliverer {
  readonly #parts: DelivererParts;
  readonly #sender: WebhookSender;
  readonly #consumer: Consumer;
  readonly #rounds: Rounds;
  /** Deliveries that are being made here, by host. */
  readonly #busy = new Map<string, number>();

  constructor(parts: DelivererParts) {
    const { store, settings, logger } = parts;
    this.#parts = parts;
    this.#sender = new WebhookSender(settings);
    this.#consumer = consumeDeliveries(
      store.redis,
      CONCURRENCY,
      (id, round, signal) => this.#run(id, round, signal),
      logger,
    );
    this.#rounds = new Rounds(
      () => this.round(),
      ROUND,
      (err) => logger.warn({ err }, 'could not look after webhooks; another round will'),
    );
  }

  async start(): Promise<void> {
    await this.#consumer.ready();
    this.#rounds.start();
  }

  /** Hands what is still being delivered after a moment back to the queue. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#consumer.drain(GRACE, new AbortController().signal);
    await this.#sender.close();
  }

  /** Gives tickets to the deliveries that have lost theirs, and forgets old ones. */
  async round(): Promise<void> {
    const { store, webhooks } = this.#parts;
    for (const id of await store.deliveries.takeOverdue(TOGETHER)) {
      const delivery = await store.deliveries.get(id);
      if (delivery === null) await store.deliveries.unlist(id);
      else await webhooks.enqueue(delivery);
    }
    await store.deliveries.sweep();
  }

  async #run(id: string, round: number, signal: AbortSignal): Promise<RunEnd> {
    const delivery = await this.#parts.store.deliveries.get(id);
    if (delivery === null || delivery.status !== 'pending' || delivery.round !== round) return DONE;
    const { nextAttemptAt } = delivery;
    if (nextAttemptAt !== null && nextAttemptAt > Date.now()) return { kind: 'later', at: nextAttemptAt };
    const endpoint = await this.#endpointOf(delivery);
    if (endpoint === 'deleted') {
      const attempt = { at: Date.now(), duration: 0, statusCode: null, error: ENDPOINT_DELETED };
      return this.#note(delivery, { attempt, retryAfter: null }, { status: 'failed' });
    }
    const url = endpoint?.url ?? delivery.url;
    const { host } = new URL(url);
    const busy = this.#busy.get(host) ?? 0;
    if (busy >= CONCURRENCY_PER_HOST)
      return { kind: 'later', at: Date.now() + HOST_IS_BUSY * (0.5 + Math.random()) };
    this.#busy.set(host, busy + 1);
    try {
      return await this.#attempt(delivery, endpoint, url, signal);
    } catch (error) {
      if (signal.aborted) return { kind: 'hand_over' };
      throw error;
    } finally {
      const left = (this.#busy.get(host) ?? 1) - 1;
      if (left > 0) this.#busy.set(host, left);
      else this.#busy.delete(host);
    }
  }

  /** Null: the URL came with the job or the batch. */
  async #endpointOf({ endpointId }: Delivery): Promise<WebhookEndpoint | null | 'deleted'> {
    if (endpointId === null) return null;
    const { endpoints } = this.#parts.webhooks;
    // It may have been made a moment ago, in another process.
    if (endpoints.find(endpointId) === null) await endpoints.reload();
    return endpoints.find(endpointId) ?? 'deleted';
  }

  async #attempt(
    delivery: Delivery,
    endpoint: WebhookEndpoint | null,
    url: string,
    stop: AbortSignal,
  ): Promise<RunEnd> {
    const secrets = await this.#parts.webhooks.endpoints.secretsOf(endpoint);
    const { eventId, body } = delivery;
    const sent = await this.#sender.send({ url, eventId, body }, secrets, stop);
    return this.#note(delivery, sent, this.#judge(delivery, sent));
  }

  #judge({ failures, since }: Delivery, { attempt, retryAfter }: SentWebhook): DeliveryEnd {
    if (attempt.error === null) return { status: 'delivered' };
    const base = 1000 * this.#parts.settings.retry;
    const terms = { base, failures: failures + 1, since, now: Date.now(), retryAfter };
    const at = attempt.statusCode === GONE ? null : nextAttempt(terms);
    return at === null ? { status: 'failed' } : { status: 'pending', at };
  }

  async #note(delivery: Delivery, { attempt }: SentWebhook, end: DeliveryEnd): Promise<RunEnd> {
    const { store, logger, metrics } = this.#parts;
    const noted = await store.deliveries.attempted(delivery, attempt, end);
    const { id: deliveryId, eventId, endpointId } = delivery;
    const { statusCode, error, duration } = attempt;
    const about = { deliveryId, eventId, endpointId, statusCode, reason: error, duration };
    metrics.webhookAttempts.inc({ outcome: end.status === 'pending' ? 'retried' : end.status });
    if (end.status === 'pending') {
      logger.info({ ...about, nextAttemptAt: end.at }, 'webhook will be tried again');
      return noted ? { kind: 'later', at: end.at } : DONE;
    }
    if (end.status === 'failed') logger.warn(about, 'webhook failed');
    else logger.info(about, 'webhook delivered');
    return DONE;
  }
}
