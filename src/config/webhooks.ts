import { z } from 'zod';
import { WEBHOOK_EVENT_TYPES } from '../core/webhook-event.ts';
import type { ConfiguredEndpoint, WebhookSettings } from './config.ts';
import { judgeKey } from './keys.ts';
import { NOT_FROM_LITELLM } from './litellm.ts';
import type { Problems } from './problems.ts';
import { isMap, type Reading, readMap, variable } from './reading.ts';
import type { GeneralSettings } from './schema.ts';
import { isWebhookSecret, WEBHOOK_SECRET_RULE, webhookHosts, webhookSecret } from './webhook-schema.ts';

const SECTION = 'webhook_endpoints';
const SECRET_VARIABLE = 'SLUICE_WEBHOOK_SECRET';
const HOSTS_VARIABLE = 'SLUICE_WEBHOOK_ALLOW_HOSTS';
const DEFAULT_TIMEOUT = 15;
const DEFAULT_RETRY = 5;
const MOST_ENDPOINTS = 100;

const EVENTS_RULE = `must be a list of some of ${WEBHOOK_EVENT_TYPES.join(', ')}`;

const endpoint = z.object({
  name: z.string({ error: 'is required: what the endpoint is called' }).min(1).max(200).optional(),
  url: z
    .string({ error: 'is required: a URL as https://host/path' })
    .max(2048)
    .refine(isTarget, { error: 'must be a URL as https://host/path, without a user or a password' }),
  event_types: z
    .array(z.enum(WEBHOOK_EVENT_TYPES, { error: EVENTS_RULE }), { error: EVENTS_RULE })
    .min(1, { error: EVENTS_RULE }),
  signing_secret: webhookSecret(),
});

/**
 * Everything about webhooks: the section `webhook_endpoints`, `webhook_*` of `general_settings`, and the variables
 * SLUICE_WEBHOOK_SECRET and SLUICE_WEBHOOK_ALLOW_HOSTS, which the file goes before.
 */
export function readWebhooks(list: unknown, general: GeneralSettings, reading: Reading): WebhookSettings {
  const { environment, problems } = reading;
  return {
    secret: general.webhook_secret ?? readSecret(environment, problems),
    allowHosts: general.webhook_allow_hosts ?? readHosts(environment, problems),
    timeout: general.webhook_timeout ?? DEFAULT_TIMEOUT,
    retry: general.webhook_retry ?? DEFAULT_RETRY,
    endpoints: readEndpoints(list, reading),
  };
}

function readEndpoints(list: unknown, reading: Reading): ConfiguredEndpoint[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > MOST_ENDPOINTS) {
    const example = '`- url: https://example.com/hook` with `event_types: [batch.completed]`';
    reading.problems.add([SECTION], `must be a list of at most ${MOST_ENDPOINTS} endpoints: ${example}`);
    return [];
  }
  return list.flatMap((item: unknown, index) => {
    const path = [SECTION, index];
    const known = Object.keys(endpoint.shape);
    const read = readMap(endpoint, isMap(item) ? item : null, path, reading, (key) =>
      judgeKey([...path, key], known, NOT_FROM_LITELLM, reading.problems),
    );
    if (read === null) return [];
    const { name = new URL(read.url).hostname, url, event_types, signing_secret = null } = read;
    return [{ name, url, eventTypes: event_types, secret: signing_secret }];
  });
}

function readSecret(environment: NodeJS.ProcessEnv, problems: Problems): string | null {
  const value = variable(environment, SECRET_VARIABLE);
  if (value !== null && !isWebhookSecret(value)) problems.addVariable(SECRET_VARIABLE, WEBHOOK_SECRET_RULE);
  return value;
}

function readHosts(environment: NodeJS.ProcessEnv, problems: Problems): readonly string[] {
  const parsed = webhookHosts().safeParse(variable(environment, HOSTS_VARIABLE) ?? undefined);
  if (parsed.success) return parsed.data ?? [];
  problems.addVariable(HOSTS_VARIABLE, parsed.error.issues[0]?.message ?? '');
  return [];
}

function isTarget(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '';
}
