import { z } from 'zod';
import { DELIVERY_ID, DELIVERY_STATUSES } from '../../core/webhook-delivery.ts';
import { oneOf, wholeNumber } from '../query.ts';
import type { Endpoint } from './endpoint.ts';
import { listOf } from './schemas/list.ts';
import { delivery, deliveryId } from './schemas/webhook.ts';

const PATH = '/v1/webhook_deliveries';
const path = z.object({ id: deliveryId });
const LONGEST_ID = 100;

/** Which deliveries are listed. */
export const deliveryListQuery = z.object({
  limit: wholeNumber({ least: 1, most: 100, fallback: 20 }),
  endpoint_id: id('an endpoint'),
  event_id: id('an event'),
  status: oneOf(DELIVERY_STATUSES).optional(),
  after: z
    .string({ error: 'expected the id of a delivery' })
    .regex(DELIVERY_ID, { error: 'expected the id of a delivery' })
    .optional()
    .meta({ description: 'The id of a delivery: the list begins after it.' }),
});

/** `/v1/webhook_deliveries` and what is below it. */
export const webhookDeliveryEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: PATH,
    name: 'listWebhookDeliveries',
    group: 'Webhooks',
    summary: 'List deliveries, the newest first',
    description: 'One is kept for 7 days after its end.',
    takes: { query: deliveryListQuery },
    answers: { 200: { description: 'A page of deliveries.', json: listOf(delivery) } },
  },
  {
    method: 'get',
    path: `${PATH}/{id}`,
    name: 'getWebhookDelivery',
    group: 'Webhooks',
    summary: 'Show a delivery and its attempts',
    takes: { path },
    answers: { 200: { description: 'The delivery.', json: delivery } },
    errors: ['webhook_delivery_not_found'],
  },
  {
    method: 'post',
    path: `${PATH}/{id}/redeliver`,
    name: 'redeliverWebhook',
    group: 'Webhooks',
    summary: 'Deliver again',
    description: 'Now, whether or not it has ended, and as patiently as at first. The event keeps its id.',
    takes: { path },
    answers: { 200: { description: 'The delivery, pending.', json: delivery } },
    errors: ['webhook_delivery_not_found'],
  },
];

function id(of: string) {
  const error = `expected the id of ${of}`;
  return z.string({ error }).min(1, { error }).max(LONGEST_ID, { error }).optional();
}
