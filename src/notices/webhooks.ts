import type { WebhookSettings } from '../config/config.ts';
import type { Batch } from '../core/batch.ts';
import { type DeliverySpec, deliveryOf, type Receiver } from '../core/webhook-delivery.ts';
import { eventOfBatch, eventsOfJob, type WebhookEvent } from '../core/webhook-event.ts';
import type { Logger } from '../log.ts';
import { DeliveryQueue } from '../queue/delivery-queue.ts';
import type { SettledNotices } from '../store/settled-notices.ts';
import type { Store } from '../store/store.ts';
import type { DeliveryRound } from '../store/webhooks/delivery-store.ts';
import { Endpoints } from './endpoints.ts';

/**
 * Emits events: a delivery for each receiver is recorded, then enqueued. Whoever emits does so before the job or batch
 * leaves the list of what must be looked after, so that a crash in between makes somebody else repeat it; what was there
 * already is not made again.
 */
export class Webhooks implements SettledNotices {
  readonly endpoints: Endpoints;
  readonly #store: Store;
  readonly #queue: DeliveryQueue;

  private constructor(store: Store, settings: WebhookSettings, logger: Logger) {
    this.#store = store;
    this.endpoints = new Endpoints(store.endpoints, settings, logger);
    this.#queue = new DeliveryQueue(store.redis, logger);
  }

  /** From then on all jobs that are settled with this store are told of. */
  static async open(store: Store, settings: WebhookSettings, logger: Logger): Promise<Webhooks> {
    const webhooks = new Webhooks(store, settings, logger);
    await webhooks.endpoints.start();
    store.jobs.index.tell(webhooks);
    return webhooks;
  }

  get wanted(): boolean {
    return this.endpoints.jobsWanted;
  }

  async jobSettled(jobId: string): Promise<void> {
    const job = await this.#store.jobs.get(jobId);
    if (job === null) return;
    const events = eventsOfJob(job);
    // Who gave a URL with a job knows it as a job, whatever its surface calls it.
    const [own] = events.filter(({ type }) => type.startsWith('job.'));
    await this.#deliver([
      ...events.flatMap((event) => this.#toEndpoints(event)),
      ...(job.webhook !== null && own !== undefined ? [toUrl(own, job.webhook)] : []),
    ]);
  }

  /** Call it before the batch leaves the list of the open ones. */
  async batchEnded(batch: Batch): Promise<void> {
    const event = eventOfBatch(batch);
    if (event === null) return;
    const own = batch.webhook === null ? [] : [toUrl(event, batch.webhook)];
    await this.#deliver([...this.#toEndpoints(event), ...own]);
  }

  /** Puts a round into the queue, if it is not there. */
  enqueue({ id, round }: DeliveryRound): Promise<void> {
    return this.#queue.enqueue(id, round);
  }

  async close(): Promise<void> {
    this.endpoints.stop();
    await this.#queue.close();
  }

  #toEndpoints(event: WebhookEvent): DeliverySpec[] {
    return this.endpoints
      .wanting(event.type)
      .map(({ id, url }) => deliveryOf(event, { endpointId: id, url } satisfies Receiver));
  }

  async #deliver(specs: readonly DeliverySpec[]): Promise<void> {
    if (specs.length === 0) return;
    const rounds = await this.#store.deliveries.record(specs);
    await Promise.all(rounds.map((round) => this.enqueue(round)));
  }
}

function toUrl(event: WebhookEvent, url: string): DeliverySpec {
  return deliveryOf(event, { endpointId: null, url });
}
