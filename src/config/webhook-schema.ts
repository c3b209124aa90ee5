import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** What to say of a value that fails {@link isWebhookSecret}. */
export const WEBHOOK_SECRET_RULE =
  'must be whsec_ and the base64 of 24 to 64 bytes, as Standard Webhooks has it';

/** True for what can sign webhooks. */
export function isWebhookSecret(value: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1] ?? '';
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === base64;
}

/** A secret that signs webhooks. */
export function webhookSecret() {
  return z
    .string({ error: 'must be text: put it in quotes' })
    .refine(isWebhookSecret, { error: WEBHOOK_SECRET_RULE })
    .optional();
}

/** Names, addresses and networks: a list, or a text with commas. */
export function webhookHosts() {
  const error = 'must be a list of host names, addresses and networks, as hooks.internal or 10.0.0.0/8';
  const host = z.string({ error }).refine(isHost, { error });
  const split = (value: unknown): unknown =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : value;
  return z.preprocess(split, z.array(host, { error }).max(1000, { error }).optional());
}

function isHost(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text) || /^[\w-]+(\.[\w-]+)*$/.test(text);
}
