import { z } from 'zod';
import { DELIVERY_STATUSES } from '../../../core/webhook-delivery.ts';
import { WEBHOOK_EVENT_TYPES } from '../../../core/webhook-event.ts';

const seconds = z.int().meta({ description: 'Unix seconds.' });

/** Of an endpoint, in paths. */
export const endpointId = z.string().meta({
  description: 'The id of an endpoint.',
  example: 'whe_0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
});

/** Of a delivery, in paths. */
export const deliveryId = z.string().meta({
  description: 'The id of a delivery.',
  example: 'whd_0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
});

/** A type of event. */
export const eventType = z.enum(WEBHOOK_EVENT_TYPES);

/** An endpoint, in OpenAI's words. `routes/webhooks.ts` writes it. */
export const endpoint = z
  .strictObject({
    id: z.string(),
    object: z.literal('webhook_endpoint'),
    name: z.string(),
    url: z.string(),
    event_types: z.array(eventType),
    signing_secret_hint: z.string().nullable(),
    created_at: seconds.meta({ description: 'Unix seconds; 0 for one of the configuration.' }),
    updated_at: seconds,
  })
  .meta({ id: 'WebhookEndpoint' });

/** The same, when its secret is new: it is not shown again. */
export const endpointWithSecret = endpoint
  .extend({ signing_secret: z.string() })
  .meta({ id: 'WebhookEndpointWithSecret' });

/** What is left to say of an endpoint that was deleted. */
export const deletedEndpoint = z.strictObject({
  id: z.string(),
  object: z.literal('webhook_endpoint.deleted'),
  deleted: z.literal(true),
});

/** What came of a test. */
export const endpointTest = z.strictObject({
  object: z.literal('webhook_endpoint.test'),
  webhook_endpoint_id: z.string(),
  event_type: eventType,
  success: z.literal(true),
  status_code: z.int().meta({ description: 'What the endpoint answered, whether or not that is a success.' }),
});

/** The body of a webhook. */
const event = z.strictObject({
  id: z.string(),
  object: z.literal('event'),
  created_at: seconds,
  type: eventType,
  data: z.strictObject({ id: z.string() }),
});

/** A delivery. `routes/webhook-deliveries.ts` writes it. */
export const delivery = z
  .strictObject({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    event_id: z.string().meta({ description: 'The `webhook-id` that is sent, with every attempt.' }),
    event_type: eventType,
    webhook_endpoint_id: z
      .string()
      .nullable()
      .meta({ description: 'Null: the URL came with the job or the batch itself.' }),
    url: z.string().nullable().meta({ description: 'That URL; null where there is an endpoint.' }),
    status: z.enum(DELIVERY_STATUSES),
    created_at: seconds,
    next_attempt_at: seconds.nullable(),
    ended_at: seconds.nullable(),
    attempt_count: z.int(),
    attempts: z
      .array(
        z.strictObject({
          created_at: seconds,
          duration_ms: z.int(),
          status_code: z.int().nullable().meta({ description: 'Null: no answer came.' }),
          error: z.string().nullable().meta({ description: 'Why it failed; null if it did not.' }),
        }),
      )
      .meta({ description: 'The last ones, the oldest first.' }),
    event,
  })
  .meta({ id: 'WebhookDelivery' });
