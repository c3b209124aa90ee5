import { z } from 'zod';
import { webhookUrl } from '../job-request.ts';
import type { Endpoint } from './endpoint.ts';
import { pageQuery } from './parameters.ts';
import { listOf } from './schemas/list.ts';
import {
  deletedEndpoint,
  endpoint,
  endpointId,
  endpointTest,
  endpointWithSecret,
  eventType,
} from './schemas/webhook.ts';

const PATH = '/v1/webhook_endpoints';
const path = z.object({ id: endpointId });

/** `?limit=` and `?after=` of the list of endpoints. */
export const endpointListQuery = pageQuery('asc', 'an endpoint').omit({ order: true });

/** What an endpoint is made of. */
export const endpointRequest = z.strictObject({
  name: z.string().min(1).max(200),
  url: webhookUrl.meta({ example: 'https://example.com/hooks' }),
  event_types: z.array(eventType).min(1).max(100),
});

/** What of it is changed. */
export const endpointUpdate = endpointRequest.partial();

/** What becomes of the secret before. */
export const rotation = z.strictObject({ keep_old_secret_active_for_24_hours: z.boolean().nullish() });

/** What a test tells of. */
export const testRequest = z.strictObject({ event_type: eventType });

/** `/v1/webhook_endpoints` and what is below it, the types of events, and the default secret. */
export const webhookEndpoints: readonly Endpoint[] = [
  {
    method: 'post',
    path: PATH,
    name: 'createWebhookEndpoint',
    group: 'Webhooks',
    summary: 'Make an endpoint',
    description:
      'It is told of every event of these types from now on. The answer alone has its secret, which signs as ' +
      '[Standard Webhooks](https://www.standardwebhooks.com) says.',
    takes: { body: endpointRequest },
    answers: { 200: { description: 'The endpoint, with its secret.', json: endpointWithSecret } },
    errors: ['invalid_request_error'],
  },
  {
    method: 'get',
    path: PATH,
    name: 'listWebhookEndpoints',
    group: 'Webhooks',
    summary: 'List endpoints',
    description: 'Those of the configuration come first.',
    takes: { query: endpointListQuery },
    answers: { 200: { description: 'A page of endpoints.', json: listOf(endpoint) } },
  },
  {
    method: 'get',
    path: `${PATH}/{id}`,
    name: 'getWebhookEndpoint',
    group: 'Webhooks',
    summary: 'Show an endpoint',
    takes: { path },
    answers: { 200: { description: 'The endpoint.', json: endpoint } },
    errors: ['webhook_endpoint_not_found'],
  },
  {
    method: 'post',
    path: `${PATH}/{id}`,
    name: 'updateWebhookEndpoint',
    group: 'Webhooks',
    summary: 'Change an endpoint',
    description: 'What waits to be delivered goes to its new URL.',
    takes: { path, body: endpointUpdate, examples: { 'Another name': { name: 'production' } } },
    answers: { 200: { description: 'The endpoint.', json: endpoint } },
    errors: ['webhook_endpoint_not_found', 'webhook_endpoint_configured'],
  },
  {
    method: 'delete',
    path: `${PATH}/{id}`,
    name: 'deleteWebhookEndpoint',
    group: 'Webhooks',
    summary: 'Delete an endpoint',
    description: 'What waits to be delivered to it fails.',
    takes: { path },
    answers: { 200: { description: 'It is gone.', json: deletedEndpoint } },
    errors: ['webhook_endpoint_not_found', 'webhook_endpoint_configured'],
  },
  {
    method: 'post',
    path: `${PATH}/{id}/rotate_secret`,
    name: 'rotateWebhookSecret',
    group: 'Webhooks',
    summary: 'Give an endpoint a new secret',
    takes: {
      path,
      body: rotation,
      examples: { 'Both sign for a day': { keep_old_secret_active_for_24_hours: true } },
    },
    answers: { 200: { description: 'The endpoint, with its new secret.', json: endpointWithSecret } },
    errors: ['webhook_endpoint_not_found', 'webhook_endpoint_configured'],
  },
  {
    method: 'post',
    path: `${PATH}/{id}/test`,
    name: 'testWebhookEndpoint',
    group: 'Webhooks',
    summary: 'Send a sample event to an endpoint',
    description: 'Once, now. It is signed like any other, and is about nothing that exists.',
    takes: { path, body: testRequest, examples: { 'Of a batch': { event_type: 'batch.completed' } } },
    answers: { 200: { description: 'The endpoint has answered.', json: endpointTest } },
    errors: ['webhook_endpoint_not_found', 'webhook_unreachable'],
  },
  {
    method: 'get',
    path: '/v1/webhook_event_types',
    name: 'listWebhookEventTypes',
    group: 'Webhooks',
    summary: 'What endpoints can be told of',
    answers: {
      200: {
        description: 'The types of events.',
        json: z.strictObject({ object: z.literal('list'), data: z.array(eventType) }),
      },
    },
  },
  {
    method: 'get',
    path: '/v1/webhooks/default/secret',
    name: 'getDefaultWebhookSecret',
    group: 'Webhooks',
    summary: 'The default secret',
    description:
      'It signs what goes to the `webhook` of a job or batch, and to configured endpoints without their own.',
    answers: { 200: { description: 'The secret.', json: z.strictObject({ key: z.string() }) } },
  },
];
