import {
  DELIVERY_ID,
  type Delivery,
  type DeliveryAttempt,
  type DeliverySpec,
  type DeliveryStatus,
  SHOWN_ATTEMPTS,
} from '../../core/webhook-delivery.ts';
import type { WebhookEventType } from '../../core/webhook-event.ts';
import { keys } from '../keys.ts';
import { fillPage, type Page } from '../page.ts';
import type { ScriptedRedis } from '../redis.ts';

/** Ms after the time of its next attempt at which a delivery is looked after: its ticket may be lost. */
const OVERDUE = 30_000;
/** Ms that a delivery is kept after its end. */
const KEPT = 7 * 86_400_000;
/** Deliveries that have ended and are kept, at most. */
const MOST_KEPT = 100_000;
/** Deliveries that are forgotten at once. */
const TOGETHER = 500;
/** Deliveries that have not ended, at most: events that come then are recorded as failed. */
const MOST_PENDING = 100_000;
/** Why a delivery failed without having been attempted. */
const TOO_MANY_PENDING = 'not attempted: too many deliveries were pending';
export const ENDPOINT_DELETED = 'the endpoint was deleted';
/** The endpoint of those that have none. */
const NO_ENDPOINT = 'none';

/** A round of a delivery: what a ticket is for. */
export interface DeliveryRound {
  readonly id: string;
  readonly round: number;
}

/** What an attempt makes of a delivery. `at`: unix ms of the next one. */
export type DeliveryEnd =
  | { readonly status: 'pending'; readonly at: number }
  | { readonly status: 'delivered' | 'failed' };

/** The records of deliveries. All of their keys are in one slot. */
export class DeliveryStore {
  readonly #redis: ScriptedRedis;
  readonly #mostPending: number;

  constructor(redis: ScriptedRedis, mostPending = MOST_PENDING) {
    this.#redis = redis;
    this.#mostPending = mostPending;
  }

  /** Records deliveries that are not there yet; the rounds of those that are pending. Beyond the most, they have failed. */
  async record(specs: readonly DeliverySpec[]): Promise<DeliveryRound[]> {
    const now = Date.now();
    const refusal: DeliveryAttempt = { at: now, duration: 0, statusCode: null, error: TOO_MANY_PENDING };
    const states = await Promise.all(
      specs.map(async (spec): Promise<DeliveryRound | null> => {
        const { id, eventId, eventType, body, endpointId, url, createdAt } = spec;
        const [status, round] = await this.#redis.sluiceWebhookRecord(
          keys.webhookDelivery(id),
          keys.webhookDeliveries,
          keys.webhookDeliveriesOf(eventId),
          keys.webhookDeliveriesOf(endpointId ?? NO_ENDPOINT),
          keys.webhooksPending,
          keys.webhooksEnded,
          id,
          now + OVERDUE,
          this.#mostPending,
          JSON.stringify(refusal),
          now,
          ...Object.entries({ eventId, eventType, body, url, createdAt, since: now, next: now }).flat(),
          ...(endpointId === null ? [] : ['endpointId', endpointId]),
        );
        return status === 'pending' ? { id, round: Number(round) } : null;
      }),
    );
    return states.filter((state) => state !== null);
  }

  /** Null if there is none, or this is no id of a delivery. */
  async get(id: string): Promise<Delivery | null> {
    if (!DELIVERY_ID.test(id)) return null;
    const hash = await this.#redis.hgetall(keys.webhookDelivery(id));
    return hash.status === undefined ? null : hashToDelivery(id, hash);
  }

  /** Notes the attempt after the last that `delivery` has. False if meanwhile it is no longer this one's to note. */
  async attempted(delivery: Delivery, attempt: DeliveryAttempt, end: DeliveryEnd): Promise<boolean> {
    const next = end.status === 'pending' ? end.at : 0;
    const noted = await this.#redis.sluiceWebhookAttempt(
      ...recordKeys(delivery.id),
      delivery.id,
      delivery.round,
      delivery.tries + 1,
      JSON.stringify(attempt),
      end.status,
      next,
      next + OVERDUE,
      Date.now(),
      SHOWN_ATTEMPTS,
    );
    return noted === 1;
  }

  /** Begins a delivery anew; null if it is gone. */
  async redeliver({ id, round }: DeliveryRound): Promise<DeliveryRound | null> {
    const now = Date.now();
    const begun = await this.#redis.sluiceWebhookRedeliver(...recordKeys(id), id, round, now, now + OVERDUE);
    return begun === 0 ? null : { id, round: begun };
  }

  /** Up to `count` pending deliveries that are overdue; each falls to one caller, and falls due again after a while. */
  async takeOverdue(count: number): Promise<string[]> {
    const now = Date.now();
    return this.#redis.sluiceTakeDue(keys.webhooksPending, now, now + OVERDUE, count);
  }

  /** Ends as failed what waits for an endpoint that was deleted. */
  async endpointDeleted(endpointId: string): Promise<void> {
    let after: string | null = null;
    do {
      const terms = { endpointId, eventId: null, status: 'pending', after, limit: TOGETHER } as const;
      const { items, next }: Page<Delivery> = await this.list(terms);
      const attempt = { at: Date.now(), duration: 0, statusCode: null, error: ENDPOINT_DELETED };
      await Promise.all(items.map((delivery) => this.attempted(delivery, attempt, { status: 'failed' })));
      after = next;
    } while (after !== null);
  }

  /** Has nobody look after a delivery again that is gone. */
  async unlist(id: string): Promise<void> {
    await this.#redis.zrem(keys.webhooksPending, id);
  }

  /** The newest first. */
  async list(terms: {
    readonly endpointId: string | null;
    readonly eventId: string | null;
    readonly status: DeliveryStatus | null;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<Page<Delivery>> {
    const { endpointId, eventId, status, after, limit } = terms;
    // Of one event there are few, so that goes first.
    const narrowest = eventId ?? endpointId;
    const list = narrowest === null ? keys.webhookDeliveries : keys.webhookDeliveriesOf(narrowest);
    return fillPage({
      ids: (from, count) =>
        this.#redis.zrevrangebylex(list, from === null ? '+' : `(${from}`, '-', 'LIMIT', 0, count),
      read: (id) => this.get(id),
      wanted: (delivery) =>
        (endpointId === null || delivery.endpointId === endpointId) &&
        (status === null || delivery.status === status),
      after,
      limit,
    });
  }

  /** How many have not ended. */
  pending(): Promise<number> {
    return this.#redis.zcard(keys.webhooksPending);
  }

  /** Forgets those that ended long ago, and the oldest of too many. */
  async sweep(): Promise<void> {
    for (;;) {
      const old = await this.#redis.zrangebyscore(
        keys.webhooksEnded,
        '-inf',
        Date.now() - KEPT,
        'LIMIT',
        0,
        TOGETHER,
      );
      const beyond = (await this.#redis.zcard(keys.webhooksEnded)) - MOST_KEPT;
      const most = Math.min(beyond, TOGETHER);
      const isEnough = old.length > 0 || most <= 0;
      const ids = isEnough ? old : await this.#redis.zrange(keys.webhooksEnded, '0', String(most - 1));
      if (ids.length === 0) return;
      await Promise.all(ids.map((id) => this.#forget(id)));
    }
  }

  async #forget(id: string): Promise<void> {
    const [event, endpoint] = await this.#redis.hmget(keys.webhookDelivery(id), 'eventId', 'endpointId');
    const pipeline = this.#redis.pipeline();
    if (event) pipeline.zrem(keys.webhookDeliveriesOf(event), id);
    pipeline.zrem(keys.webhookDeliveriesOf(endpoint ?? NO_ENDPOINT), id);
    pipeline.zrem(keys.webhookDeliveries, id);
    pipeline.unlink(keys.webhookDelivery(id));
    pipeline.zrem(keys.webhooksEnded, id);
    await pipeline.exec();
  }
}

function recordKeys(id: string): [record: string, pending: string, ended: string] {
  return [keys.webhookDelivery(id), keys.webhooksPending, keys.webhooksEnded];
}

function hashToDelivery(id: string, hash: Record<string, string>): Delivery {
  const tries = Number(hash.tries);
  const attempts: DeliveryAttempt[] = [];
  for (let number = Math.max(1, tries - SHOWN_ATTEMPTS + 1); number <= tries; number += 1) {
    const attempt = hash[`attempt:${number}`];
    if (attempt !== undefined) attempts.push(JSON.parse(attempt) as DeliveryAttempt);
  }
  return {
    id,
    eventId: hash.eventId ?? '',
    eventType: hash.eventType as WebhookEventType,
    body: hash.body ?? '',
    endpointId: hash.endpointId ?? null,
    url: hash.url ?? '',
    createdAt: Number(hash.createdAt),
    status: hash.status as DeliveryStatus,
    round: Number(hash.round),
    since: Number(hash.since),
    tries,
    failures: Number(hash.failures),
    nextAttemptAt: hash.next === undefined ? null : Number(hash.next),
    endedAt: hash.endedAt === undefined ? null : Number(hash.endedAt),
    attempts,
  };
}
