/**
 * Hears of the ends of jobs and batches: checks that a webhook is Sluice's (https://www.standardwebhooks.com), and acts once on
 * each, although it may arrive more than once.
 *
 *   SLUICE_WEBHOOK_SECRET=whsec_… node examples/webhook-receiver/server.ts
 *
 * The secret is `webhook_secret` of the configuration, or the `signing_secret` that POST /v1/webhook_endpoints answers with.
 * Sluice calls private addresses only where `webhook_allow_hosts` lists them: for this machine, `127.0.0.1`.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

interface Event {
  readonly type: string;
  readonly data: { readonly id: string };
}

const webhook = new Webhook(process.env.SLUICE_WEBHOOK_SECRET ?? '');
/** A real receiver has a table with a unique column for this, written together with what it does. */
const seen = new Set<string>();
const app = express();

// The raw body: the signature is of its bytes, and JSON that is read and written again has others.
app.post('/webhooks', express.raw({ type: 'application/json', limit: '1mb' }), (request, response) => {
  const id = request.get('webhook-id') ?? '';
  try {
    webhook.verify(request.body, {
      'webhook-id': id,
      'webhook-timestamp': request.get('webhook-timestamp') ?? '',
      'webhook-signature': request.get('webhook-signature') ?? '',
    });
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.status(400).json({ error: error.message });
    return;
  }
  // Answer soon: whatever takes longer than some seconds belongs into a queue.
  if (!seen.has(id)) {
    seen.add(id);
    onEvent(JSON.parse(String(request.body)));
  }
  response.status(204).end();
});

/** The event says what ended, and nothing of its content: fetch that, with the key, where it is wanted. */
function onEvent({ type, data }: Event): void {
  console.log(`${type} ${data.id}`);
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
