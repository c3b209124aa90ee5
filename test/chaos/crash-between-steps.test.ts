import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { type Answer, call, scripted, submit } from '../support/api-client.ts';
import { Cluster, count, getJob, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { textEvent, UPSTREAM_REQUEST, upstreamModel, wholeAnswer } from '../support/openai-stream.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

/**
 * A process that dies between two of its steps leaves what the first one wrote, and nothing of the second.
 * So does one whose Redis user may write the first one's keys only, and that can be had every time.
 */
const KEYS = {
  idempotency: '~sluice:idempotency:*',
  listing: '~sluice:{index}*',
  record: '~sluice:{job_*',
  all: '~*',
};

let upstream: UpstreamServer;
let cluster: Cluster;

beforeEach(async () => {
  upstream = await UpstreamServer.start();
  const model_list = [
    { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
    upstreamModel(upstream.url),
  ];
  cluster = await Cluster.start({ model_list, general_settings: { concurrency: 1 } }, { port: true });
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

async function restrict(...patterns: string[]): Promise<void> {
  await cluster.client.call('ACL', 'SETUSER', 'restricted', 'resetkeys', ...patterns);
}

/** A process whose Redis user `restrict` governs. */
async function runRestricted(role: 'api' | 'worker'): Promise<SluiceProcess> {
  await cluster.client.call('ACL', 'SETUSER', 'restricted', 'on', '>secret', '+@all', '&*', KEYS.all);
  const redisUrl = cluster.redis.connectionUrl.replace('//', '//restricted:secret@');
  return cluster.run(role, { redisUrl });
}

function post(base: string, body: object, key?: string): Promise<Answer> {
  const headers = key === undefined ? {} : { 'Idempotency-Key': key };
  return call('POST', `${base}/v1/jobs`, { body: { body }, headers });
}

describe('between the record and the ticket', () => {
  it('a job without a ticket is given one, a listing without a job is dropped', async () => {
    const broken = await runRestricted('api');
    await restrict(KEYS.listing, KEYS.record);
    expect((await post(broken.url, scripted('rescued'))).status).toBe(500);
    const [recorded = ''] = await cluster.client.zrange(keys.index('open'), '0', '-1');
    await restrict(KEYS.listing);
    expect((await post(broken.url, scripted('never accepted'))).status).toBe(500);
    expect(await cluster.client.zcard(keys.index('open'))).toBe(2);

    const api = await cluster.run('api');
    expect(await getJob(api.url, recorded)).toMatchObject({ status: 'queued', position: null });
    await cluster.run('worker');
    const job = await settled(api.url, recorded);
    expect(job).toMatchObject({ status: 'completed', attempts: [{ status: 'completed' }] });
    expect(job.result.choices[0].message.content).toBe('rescued');
    await eventually('the listing to be dropped', async () => {
      const lists = [keys.index('open'), keys.watch];
      const sizes = await Promise.all(lists.map((key) => cluster.client.zcard(key)));
      return sizes.every((size) => size === 0);
    });
    expect(await cluster.client.zrange(keys.index('all'), '0', '-1')).toEqual([recorded]);
  });

  it('submitting again with the same key finishes what was begun', async () => {
    const broken = await runRestricted('api');
    const api = await cluster.run('api');
    const crashes = {
      'before the listing': [KEYS.idempotency],
      'before the record': [KEYS.idempotency, KEYS.listing],
      'before the ticket': [KEYS.idempotency, KEYS.listing, KEYS.record],
    };
    const ids: string[] = [];
    for (const [crash, patterns] of Object.entries(crashes)) {
      await restrict(...patterns);
      expect((await post(broken.url, scripted(crash), crash)).status).toBe(500);
      const again = await post(api.url, scripted(crash), crash);
      expect(again.status).toBe(202);
      // No worker runs, so it cannot be the rescuer that has put it into the queue.
      expect(again.body).toMatchObject({ status: 'queued', position: ids.length });
      expect((await post(api.url, scripted(crash), crash)).body.id).toBe(again.body.id);
      ids.push(again.body.id);
    }
    const reserved = await Promise.all(
      (await cluster.client.keys('sluice:idempotency:*')).map((key) => cluster.client.get(key)),
    );
    expect(reserved.map((tied) => tied?.split(' ')[0]).sort()).toEqual([...ids].sort());
    await cluster.run('worker');
    for (const id of ids) {
      expect(await settled(api.url, id)).toMatchObject({ status: 'completed', attempts: [{ epoch: 1 }] });
    }
  });
});

describe('between the settlement and the acknowledgement', () => {
  it('a ticket that comes back calls no provider and writes nothing', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.script(wholeAnswer(gate.promise, textEvent('only once')));
    const api = await cluster.run('api');
    const doomed = await runRestricted('worker');
    const id = await submit(api.url, UPSTREAM_REQUEST);
    await upstream.received(1);
    await restrict(KEYS.listing, KEYS.record);
    gate.resolve();
    expect(await settled(api.url, id)).toMatchObject({ status: 'completed' });
    doomed.signal('SIGKILL');
    await doomed.exited;

    const ticket = `sluice:{upstream}:${id}`;
    expect(await cluster.client.exists(ticket)).toBe(1);
    const record = await cluster.client.hgetall(keys.record(id));
    const log = await cluster.log(id);
    await cluster.run('worker');
    await eventually('the ticket to be acknowledged', async () => !(await cluster.client.exists(ticket)));
    expect(await cluster.client.hgetall(keys.record(id))).toEqual(record);
    expect(await cluster.log(id)).toEqual(log);
    expect(count(log, 'end')).toBe(1);
    expect(upstream.exchanges).toHaveLength(1);
  });
});

describe('one idempotency key', () => {
  it('makes one job and one call of 50 submissions that race in two processes', async () => {
    upstream.script(wholeAnswer(textEvent('answer')));
    const apis = await Promise.all([cluster.run('api'), cluster.run('api')]);
    await cluster.run('worker');
    const urls = Array.from({ length: 50 }, (_, index) => apis[index % 2]?.url ?? '');
    const answers = await Promise.all(urls.map((url) => post(url, UPSTREAM_REQUEST, 'same')));
    const [id = '', ...others] = new Set(answers.map(({ body }) => String(body.id)));
    expect(others).toEqual([]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const replayed = answers.filter(({ headers }) => headers.get('Idempotent-Replayed') === 'true');
    expect(replayed).toHaveLength(49);

    const [{ url } = { url: '' }] = apis;
    expect(await settled(url, id)).toMatchObject({ status: 'completed', attempts: [{ epoch: 1 }] });
    expect((await post(url, UPSTREAM_REQUEST, 'same')).body).toMatchObject({ id, status: 'completed' });
    const other = await post(url, { ...UPSTREAM_REQUEST, temperature: 1 }, 'same');
    expect(other.status).toBe(422);
    expect(other.body.error.code).toBe('idempotency_key_reused');
    // With a concurrency of 1 its turn comes when every ticket before it has been dealt with.
    await settled(url, await submit(url, UPSTREAM_REQUEST));
    expect(upstream.exchanges).toHaveLength(2);
    const log = await cluster.log(id);
    expect([count(log, 'attempt'), count(log, 'end')]).toEqual([1, 1]);
  });
});
