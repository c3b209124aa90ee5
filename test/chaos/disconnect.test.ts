import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { Cluster, getJob, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  openAnswer,
  textEvent,
  UPSTREAM_REQUEST,
  upstreamModel,
  wholeAnswer,
} from '../support/openai-stream.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { disagreement } from '../support/stored-job.ts';
import { type Exchange, UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let cluster: Cluster;
let api: SluiceProcess;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  cluster = await Cluster.start({ model_list: [upstreamModel(upstream.url)] });
  [api] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

interface Client {
  readonly id: string;
  readonly exchange: Exchange;
  hangUp(): void;
}

const known = new Set<string>();

/** The job that was submitted last; a listing may lag a moment behind it. */
async function newestJob(): Promise<string> {
  return eventually('the new job', async () => {
    const id = (await call('GET', `${api.url}/v1/jobs?limit=1`)).body.data[0]?.id;
    if (id === undefined || known.has(id)) return null;
    known.add(id);
    return id;
  });
}

/** Asks for a chat completion, and waits until the job has text and, of a stream, the client too. */
async function ask(changes: object, headers: Record<string, string> = {}): Promise<Client> {
  const calls = upstream.exchanges.length;
  const controller = new AbortController();
  const response = fetch(`${api.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ ...UPSTREAM_REQUEST, ...changes }),
    signal: controller.signal,
  });
  response.catch(() => {});
  const exchange = await upstream.received(calls + 1);
  const id = await newestJob();
  await eventually('text', async () => {
    const job = (await call('GET', `${api.url}/v1/jobs/${id}?partial=true`)).body;
    return job.partial?.choices[0].message.content === 'some text';
  });
  if ('stream' in changes && changes.stream === true) await (await response).body?.getReader().read();
  return { id, exchange, hangUp: () => controller.abort() };
}

async function expectCancelled({ id, exchange }: Client): Promise<void> {
  await exchange.closed;
  const job = await settled(api.url, id);
  expect(job).toMatchObject({
    status: 'cancelled',
    result: { choices: [{ message: { content: 'some text' } }] },
  });
  expect(await disagreement(cluster, id)).toBeNull();
}

describe.each([
  ['a streamed answer', true],
  ['a whole answer', false],
])('the client of %s that hangs up', (_, stream) => {
  it('cancels its job', async () => {
    upstream.script(openAnswer(textEvent('some '), textEvent('text')));
    const client = await ask({ stream });
    client.hangUp();
    await expectCancelled(client);
  });

  it.each([
    ['an Idempotency-Key', {}, { 'Idempotency-Key': `key-${stream}` }],
    ['store: true', { store: true }, {}],
    ['X-Sluice-On-Disconnect: continue', {}, { 'X-Sluice-On-Disconnect': 'continue' }],
  ])('leaves its job to go on with %s', async (_name, changes, headers) => {
    const gate = Promise.withResolvers<void>();
    const text = [textEvent('some '), textEvent('text')];
    upstream.script(wholeAnswer(...text, gate.promise, textEvent(' and more')), openAnswer(...text));
    const client = await ask({ stream, ...changes }, headers);
    const other = await ask({ stream });
    client.hangUp();
    other.hangUp();
    // By then the API has seen both hang up, in this order.
    await expectCancelled(other);
    expect((await getJob(api.url, client.id)).status).toBe('in_progress');
    gate.resolve();
    expect(await settled(api.url, client.id)).toMatchObject({
      status: 'completed',
      result: { choices: [{ message: { content: 'some text and more' } }] },
    });
    expect(await disagreement(cluster, client.id)).toBeNull();
  });
});
