import { afterEach, beforeEach, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { scripted, submit } from '../support/api-client.ts';
import { Cluster, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const OK = { status: 204, steps: [] };

let receiver: UpstreamServer;
let cluster: Cluster;

beforeEach(async () => {
  receiver = await UpstreamServer.start();
  receiver.script(OK);
  const model_list = [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }];
  const general_settings = { webhook_allow_hosts: ['127.0.0.1'], webhook_timeout: 600 };
  cluster = await Cluster.start({ model_list, general_settings }, { port: true });
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await receiver.stop();
});

async function kill(worker: SluiceProcess): Promise<void> {
  worker.signal('SIGKILL');
  await worker.exited;
}

/** A worker that may write what it knows of jobs, and nothing of webhooks: as if it died before it came to that. */
async function runSpeechless(): Promise<SluiceProcess> {
  const rights = ['on', '>secret', '+@all', '&*', '%R~*'];
  const patterns = ['~sluice:{[^w]*', '~sluice:{webhook?deliveries}*', '~sluice:workers'];
  await cluster.client.call('ACL', 'SETUSER', 'speechless', ...rights, ...patterns);
  const redisUrl = cluster.redis.connectionUrl.replace('//', '//speechless:secret@');
  return cluster.run('worker', { redisUrl });
}

it('a worker that dies between a settlement and its event leaves the event to another one', async () => {
  const api = await cluster.run('api');
  const doomed = await runSpeechless();
  const id = await submit(api.url, scripted('settled'), { webhook: `${receiver.url}/hook` });
  expect(await settled(api.url, id)).toMatchObject({ status: 'completed' });
  await kill(doomed);
  expect(await cluster.client.zcard(keys.webhookDeliveries)).toBe(0);
  // It is looked after later than a test waits: now that time has come.
  expect(await cluster.client.zadd(keys.watch, 'XX', 'CH', 0, id)).toBe(1);
  await cluster.run('worker');
  const { headers, body } = await receiver.received(1);
  const event = JSON.parse(body);
  expect(event).toMatchObject({ type: 'job.completed', data: { id } });
  expect(headers['webhook-id']).toBe(event.id);
  await eventually('the job to leave the list', async () => !(await cluster.client.zcard(keys.watch)));
  expect(await cluster.client.zcard(keys.webhookDeliveries)).toBe(1);
});

it('a worker that dies in a delivery leaves it to another one, with the same id', async () => {
  receiver.script({ before: 'hang', steps: [] }, OK);
  const api = await cluster.run('api');
  const doomed = await cluster.run('worker');
  const id = await submit(api.url, scripted('told'), { webhook: `${receiver.url}/hook` });
  const first = await receiver.received(1);
  await kill(doomed);
  await cluster.run('worker');
  const second = await receiver.received(2);
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(second.body).toBe(first.body);
  expect(JSON.parse(second.body)).toMatchObject({ type: 'job.completed', data: { id } });
  await eventually('the delivery to end', async () => !(await cluster.client.zcard(keys.webhooksPending)));
});
