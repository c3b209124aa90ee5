import { randomUUID } from 'node:crypto';
import type { WebhookEventType } from './webhook-event.ts';

/** Who is told of events, at which URL. Times in unix milliseconds. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly eventTypes: readonly WebhookEventType[];
  /** What signs; null: the default secret. */
  readonly secret: string | null;
  /** The secret before, which signs besides until then. */
  readonly former: { readonly secret: string; readonly until: number } | null;
  /** It is part of the configuration, and cannot be changed. */
  readonly configured: boolean;
  readonly createdAt: number;
  /** When it was changed last. */
  readonly updatedAt: number;
}

/** A new id, in OpenAI's form. */
export function newEndpointId(): string {
  return `whe_${randomUUID().replaceAll('-', '')}`;
}
