import { expect, it } from 'vitest';
import { ask, settledJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { webhooksSluice } from '../support/webhooks-sluice.ts';

/** More deliveries than a process makes at once. */
const MANY = 120;

const hooks = webhooksSluice({
  // Longer than the test waits for anything.
  webhook_timeout: 600,
  webhook_allow_hosts: ['127.0.0.1', 'localhost'],
});

it('an endpoint that does not answer holds up no other one', async () => {
  const answers = Promise.withResolvers<void>();
  const stuck = { before: answers.promise, status: 204, steps: [] };
  hooks.receiver.choose = ({ path }) => (path.startsWith('/stuck') ? stuck : { status: 204, steps: [] });
  const webhook = hooks.hook('stuck');
  await Promise.all(Array.from({ length: MANY }, () => settledJob(hooks.sluice.url, ask(), { webhook })));
  await hooks.arrived('stuck', 20);
  await settledJob(hooks.sluice.url, ask(), {
    webhook: hooks.hook('free').replace('127.0.0.1', 'localhost'),
  });
  await hooks.arrived('free');
  expect(hooks.received('/stuck?token=s3cret').length).toBeLessThan(MANY);
  answers.resolve();
  await eventually('the other ones to be delivered', async () => {
    const { data } = (await hooks.api('GET', '/webhook_deliveries?status=pending')).body;
    return data.length === 0;
  });
  expect(hooks.received('/stuck?token=s3cret')).toHaveLength(MANY);
});
