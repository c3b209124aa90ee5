import { createHash } from 'node:crypto';
import type { WebhookEvent, WebhookEventType } from './webhook-event.ts';

/** Where a delivery stands. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What the id of a delivery looks like. */
export const DELIVERY_ID = /^whd_[0-9a-f]{32}$/;

/** Attempts that are shown of a delivery: the last ones. */
export const SHOWN_ATTEMPTS = 20;

/** One request to an endpoint. */
export interface DeliveryAttempt {
  /** When it began, unix ms. */
  readonly at: number;
  /** Ms until the answer, or until it was known that there is none. */
  readonly duration: number;
  /** Null if none came. */
  readonly statusCode: number | null;
  /** Why the attempt failed; null if it did not. */
  readonly error: string | null;
}

/** One event for one receiver. Never changes. */
export interface DeliverySpec {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: WebhookEventType;
  /** The event, byte for byte as it is signed and sent. */
  readonly body: string;
  /** Null: the URL was given with the job or the batch itself. */
  readonly endpointId: string | null;
  /** Where to deliver if no endpoint is named. */
  readonly url: string;
  /** Unix ms. */
  readonly createdAt: number;
}

/** A delivery as its record has it. Times in unix milliseconds. */
export interface Delivery extends DeliverySpec {
  readonly status: DeliveryStatus;
  /** Counts how often the delivery was begun anew. */
  readonly round: number;
  /** When this round began. */
  readonly since: number;
  /** Attempts of all rounds. */
  readonly tries: number;
  /** Attempts of this round, all of which failed while the delivery is pending. */
  readonly failures: number;
  /** Null once it has ended. */
  readonly nextAttemptAt: number | null;
  readonly endedAt: number | null;
  /** The last {@link SHOWN_ATTEMPTS}, the oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
}

/** Who receives: an endpoint, or a URL. */
export type Receiver =
  | { readonly endpointId: string; readonly url: string }
  | { readonly endpointId: null; readonly url: string };

/**
 * An event for a receiver. The id depends on both alone, so that to emit an event again adds no delivery; ids sort by the
 * time of their events.
 */
export function deliveryOf(event: WebhookEvent, receiver: Receiver): DeliverySpec {
  const whom = receiver.endpointId ?? receiver.url;
  const digest = createHash('sha256').update(`${event.id} ${whom}`).digest('hex');
  const createdAt = 1000 * event.created_at;
  return {
    id: `whd_${createdAt.toString(16).padStart(12, '0')}${digest.slice(0, 20)}`,
    eventId: event.id,
    eventType: event.type,
    body: JSON.stringify(event),
    ...receiver,
    createdAt,
  };
}
