import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import type { Fields } from '../../core/json.ts';
import { unixSeconds } from '../../core/unix-time.ts';
import { newEndpointId, type WebhookEndpoint } from '../../core/webhook-endpoint.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEvent, type WebhookEventType } from '../../core/webhook-event.ts';
import { newSigningSecret } from '../../notices/signature.ts';
import { MOST_ENDPOINTS } from '../../store/webhooks/endpoint-store.ts';
import { validate } from '../../surfaces/validate.ts';
import {
  endpointListQuery,
  endpointRequest,
  endpointUpdate,
  rotation,
  testRequest,
} from '../endpoints/webhooks.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { pageOf } from './page.ts';

type ById = Request<{ id: string }>;

const PATH = '/v1/webhook_endpoints';
const DAY = 86_400_000;

/** `/v1/webhook_endpoints`, the types of events, and the default secret. */
export function webhookRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { store, webhookTargets } = parts;
  const { endpoints } = parts.webhooks;

  routes.post(PATH, async (request: Request, response: Response) => {
    const { name, url, event_types } = validate(endpointRequest, request.body);
    await webhookTargets.check(url, 'url');
    const [now, secret] = [Date.now(), newSigningSecret()];
    const times = { createdAt: now, updatedAt: now };
    const eventTypes = [...new Set(event_types)];
    const about = { id: newEndpointId(), name, url, eventTypes, secret, former: null, configured: false };
    const endpoint: WebhookEndpoint = { ...about, ...times };
    if (!(await store.endpoints.create(endpoint))) {
      const message = `There are ${MOST_ENDPOINTS} endpoints already: delete one first.`;
      throw new SluiceError('invalid_request_error', message);
    }
    await endpoints.reload();
    response.json({ ...write(endpoint, secret), signing_secret: secret });
  });

  routes.get(PATH, async (request: Request, response: Response) => {
    const query = readQuery(request, endpointListQuery);
    await endpoints.reload();
    const shown = await Promise.all(endpoints.all.map((endpoint) => show(parts, endpoint)));
    response.json(pageOf(shown, { ...query, order: 'asc' }));
  });

  routes.get(`${PATH}/:id`, async (request: ById, response: Response) => {
    response.json(await show(parts, await requireEndpoint(parts, request.params.id)));
  });

  routes.post(`${PATH}/:id`, async (request: ById, response: Response) => {
    const changes = validate(endpointUpdate, request.body);
    const endpoint = await requireOwn(parts, request.params.id);
    const { name = endpoint.name, url = endpoint.url, event_types = endpoint.eventTypes } = changes;
    if (url !== endpoint.url) await webhookTargets.check(url, 'url');
    const changed = { ...endpoint, name, url, eventTypes: [...new Set(event_types)] };
    response.json(await show(parts, await update(parts, endpoint, changed)));
  });

  routes.delete(`${PATH}/:id`, async (request: ById, response: Response) => {
    const { id } = await requireOwn(parts, request.params.id);
    if (!(await store.endpoints.delete(id))) throw notFound(id);
    await endpoints.reload();
    await store.deliveries.endpointDeleted(id);
    response.json({ id, object: 'webhook_endpoint.deleted', deleted: true });
  });

  routes.post(`${PATH}/:id/rotate_secret`, async (request: ById, response: Response) => {
    const { keep_old_secret_active_for_24_hours: keep } = validate(rotation, request.body);
    const endpoint = await requireOwn(parts, request.params.id);
    const secret = newSigningSecret();
    const old = endpoint.secret;
    const former = keep === true && old !== null ? { secret: old, until: Date.now() + DAY } : null;
    const rotated = await update(parts, endpoint, { ...endpoint, secret, former });
    response.json({ ...write(rotated, secret), signing_secret: secret });
  });

  routes.post(`${PATH}/:id/test`, async (request: ById, response: Response) => {
    const { event_type } = validate(testRequest, request.body);
    const endpoint = await requireEndpoint(parts, request.params.id);
    response.json(await test(parts, endpoint, event_type));
  });

  routes.get('/v1/webhook_event_types', (_request: Request, response: Response) => {
    response.json({ object: 'list', data: WEBHOOK_EVENT_TYPES });
  });

  routes.get('/v1/webhooks/default/secret', async (_request: Request, response: Response) => {
    response.json({ key: await endpoints.defaultSecret() });
  });

  return routes;
}

/** As it is now: another process may have made or changed it. */
async function requireEndpoint({ webhooks }: ApiParts, id: string): Promise<WebhookEndpoint> {
  await webhooks.endpoints.reload();
  const endpoint = webhooks.endpoints.find(id);
  if (endpoint === null) throw notFound(id);
  return endpoint;
}

async function requireOwn(parts: ApiParts, id: string): Promise<WebhookEndpoint> {
  const endpoint = await requireEndpoint(parts, id);
  if (!endpoint.configured) return endpoint;
  const message = 'This endpoint stands in the configuration: change it in webhook_endpoints there.';
  throw new SluiceError('webhook_endpoint_configured', message);
}

async function update(
  { store, webhooks }: ApiParts,
  before: WebhookEndpoint,
  after: WebhookEndpoint,
): Promise<WebhookEndpoint> {
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  const endpoint = { ...after, updatedAt: Date.now() };
  if (!(await store.endpoints.update(endpoint))) throw notFound(endpoint.id);
  await webhooks.endpoints.reload();
  return endpoint;
}

async function test(
  { webhooks, webhookSender }: ApiParts,
  endpoint: WebhookEndpoint,
  type: WebhookEventType,
): Promise<object> {
  const event = sampleOf(type);
  const message = { url: endpoint.url, eventId: event.id, body: JSON.stringify(event) };
  const secrets = await webhooks.endpoints.secretsOf(endpoint);
  const { attempt } = await webhookSender.send(message, secrets);
  if (attempt.statusCode === null) {
    throw new SluiceError('webhook_unreachable', `The endpoint did not answer: ${attempt.error}.`);
  }
  return {
    object: 'webhook_endpoint.test',
    webhook_endpoint_id: endpoint.id,
    event_type: type,
    success: true,
    status_code: attempt.statusCode,
  };
}

function sampleOf(type: WebhookEventType): WebhookEvent {
  const [kind = ''] = type.split('.');
  const prefix = kind === 'response' ? 'resp' : kind;
  return {
    id: `evt_${randomBytes(16).toString('hex')}`,
    object: 'event',
    created_at: unixSeconds(Date.now()),
    type,
    data: { id: `${prefix}_${'0'.repeat(32)}` },
  };
}

async function show({ webhooks }: ApiParts, endpoint: WebhookEndpoint): Promise<Fields> {
  const [secret = ''] = await webhooks.endpoints.secretsOf(endpoint);
  return write(endpoint, secret);
}

/** An endpoint in OpenAI's words. */
function write(endpoint: WebhookEndpoint, secret: string): Fields {
  const { id, name, url, eventTypes, createdAt, updatedAt } = endpoint;
  return {
    id,
    object: 'webhook_endpoint',
    name,
    url,
    event_types: eventTypes,
    signing_secret_hint: `whsec_…${secret.slice(-4)}`,
    created_at: unixSeconds(createdAt),
    updated_at: unixSeconds(updatedAt),
  };
}

function notFound(id: string): SluiceError {
  return new SluiceError('webhook_endpoint_not_found', `There is no webhook endpoint '${id.slice(0, 80)}'.`);
}
