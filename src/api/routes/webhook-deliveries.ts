import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import type { Fields } from '../../core/json.ts';
import { unixSeconds } from '../../core/unix-time.ts';
import type { Delivery } from '../../core/webhook-delivery.ts';
import { deliveryListQuery } from '../endpoints/webhook-deliveries.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { writePage } from './page.ts';

type ById = Request<{ id: string }>;

const PATH = '/v1/webhook_deliveries';

/** `/v1/webhook_deliveries`: what was sent to whom, and what came of it. */
export function webhookDeliveryRoutes({ store, webhooks }: ApiParts): Router {
  const routes = Router();
  const { deliveries } = store;

  async function requireDelivery(id: string): Promise<Delivery> {
    const delivery = await deliveries.get(id);
    if (delivery === null) throw notFound(id);
    return delivery;
  }

  routes.get(PATH, async (request: Request, response: Response) => {
    const query = readQuery(request, deliveryListQuery);
    const { endpoint_id = null, event_id = null, status = null, after = null, limit } = query;
    const terms = { endpointId: endpoint_id, eventId: event_id, status, after, limit };
    const { items, next } = await deliveries.list(terms);
    response.json(writePage(items.map(write), next !== null, next ?? undefined));
  });

  routes.get(`${PATH}/:id`, async (request: ById, response: Response) => {
    response.json(write(await requireDelivery(request.params.id)));
  });

  routes.post(`${PATH}/:id/redeliver`, async (request: ById, response: Response) => {
    const { id } = request.params;
    const round = await deliveries.redeliver(await requireDelivery(id));
    if (round === null) throw notFound(id);
    // Read before anybody has taken the ticket: what was asked for is shown, not what came of it.
    const delivery = await requireDelivery(id);
    await webhooks.enqueue(round);
    response.json(write(delivery));
  });

  return routes;
}

function write(delivery: Delivery): Fields {
  const { id, eventId, eventType, endpointId, url, status, createdAt, nextAttemptAt, endedAt } = delivery;
  return {
    id,
    object: 'webhook_delivery',
    event_id: eventId,
    event_type: eventType,
    webhook_endpoint_id: endpointId,
    url: endpointId === null ? url : null,
    status,
    created_at: unixSeconds(createdAt),
    next_attempt_at: unixSeconds(nextAttemptAt),
    ended_at: unixSeconds(endedAt),
    attempt_count: delivery.tries,
    attempts: delivery.attempts.map(({ at, duration, statusCode, error }) => ({
      created_at: unixSeconds(at),
      duration_ms: duration,
      status_code: statusCode,
      error,
    })),
    event: JSON.parse(delivery.body) as Fields,
  };
}

function notFound(id: string): SluiceError {
  return new SluiceError('webhook_delivery_not_found', `There is no webhook delivery '${id.slice(0, 80)}'.`);
}
