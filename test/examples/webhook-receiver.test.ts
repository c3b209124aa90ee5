import { expect, test } from 'vitest';
import { signedHeaders } from '../../src/notices/signature.ts';
import { call } from '../support/api-client.ts';
import { ask } from '../support/ask.ts';
import { runExample } from '../support/example.ts';
import { SECRET, webhooksSluice } from '../support/webhooks-sluice.ts';

const { api } = webhooksSluice();
const start = () => runExample('webhook-receiver/server.ts', { env: { SLUICE_WEBHOOK_SECRET: SECRET } });

test('hears of the end of a job', async () => {
  const receiver = start();
  const webhook = `${await receiver.url()}/webhooks`;
  const { body } = await api('POST', '/jobs', { body: ask(), webhook });
  await receiver.printed(new RegExp(`^job.completed ${body.id}$`));
});

test('acts once on what arrives twice, and never on what is not signed', async () => {
  const receiver = start();
  const url = `${await receiver.url()}/webhooks`;
  const send = (id: string, changes: object = {}) => {
    const raw = JSON.stringify({ id, type: 'job.completed', data: { id: `job of ${id}` } });
    const signed = signedHeaders(id, raw, [SECRET], new Date());
    const headers = { 'Content-Type': 'application/json', ...signed, ...changes };
    return call('POST', url, { raw, headers });
  };
  expect((await send('evt_1')).status).toBe(204);
  expect((await send('evt_1')).status).toBe(204);
  expect((await send('evt_2', { 'webhook-signature': 'v1,AAAA' })).status).toBe(400);
  expect((await send('evt_3', { 'webhook-timestamp': '1700000000' })).status).toBe(400);
  expect((await send('evt_4', { 'webhook-id': 'evt_5' })).status).toBe(400);
  expect((await send('evt_6')).status).toBe(204);
  await receiver.printed(/job of evt_6/);
  const events = receiver.output.filter((line) => line.startsWith('job.'));
  expect(events).toEqual(['job.completed job of evt_1', 'job.completed job of evt_6']);
});
