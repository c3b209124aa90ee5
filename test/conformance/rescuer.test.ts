import { afterAll, beforeAll, expect, it } from 'vitest';
import { lineJobId, newBatchId } from '../../src/core/batch-id.ts';
import { createLogger } from '../../src/log.ts';
import { Producer } from '../../src/queue/producer.ts';
import { keys } from '../../src/store/keys.ts';
import { Rescuer } from '../../src/worker/rescuer.ts';
import { claim, createJob, jobSpec, sharedStore } from '../support/stores.ts';

const shared = sharedStore();
const logger = createLogger('silent');
let producer: Producer;
let rescuer: Rescuer;
beforeAll(() => {
  producer = new Producer(shared.store.redis, ['group'], logger);
  rescuer = new Rescuer(shared.store, producer, logger);
});
afterAll(() => producer.close());

/** A job that was accepted a minute ago, so that somebody must look after it. */
const DUE = { createdAt: Date.now() - 60_000, notBefore: 0, group: 'group' };

it('gives a job that lost its ticket a new one, and a job past its deadline its end', async () => {
  const ticketless = await createJob(shared.store, DUE);
  const late = await createJob(shared.store, { ...DUE, deadline: Date.now() - 1 });
  await rescuer.round();
  expect(await producer.position({ group: 'group', lane: 'interactive', id: ticketless })).toBe(0);
  expect(await shared.store.jobs.get(late)).toMatchObject({
    status: 'expired',
    error: { code: 'job_expired' },
  });
  expect(await producer.position({ group: 'group', lane: 'interactive', id: late })).toBeNull();
  await producer.remove({ group: 'group', lane: 'interactive', id: ticketless });
});

it('gives a line of a batch that lost its ticket a new one in its own lane', async () => {
  const batchId = newBatchId();
  const id = await createJob(shared.store, { ...DUE, id: lineJobId(batchId, 7), batchId });
  await rescuer.round();
  expect(await producer.position({ group: 'group', lane: 'batch', id })).toBe(0);
  expect(await producer.position({ group: 'group', lane: 'interactive', id })).toBeNull();
  expect(await producer.lineGroups()).toEqual(['group']);
  await producer.remove({ group: 'group', lane: 'batch', id });
});

it('leaves the end of a running job to its worker, but not for long', async () => {
  const begin = async (deadline: number): Promise<string> => {
    const id = await createJob(shared.store, { ...DUE, deadline: Date.now() + 60_000 });
    await claim(shared.store, id);
    await shared.store.redis.hset(keys.record(id), 'deadline', deadline);
    await shared.store.jobs.index.watchAt(id, deadline);
    return id;
  };
  const concluding = await begin(Date.now() - 1);
  const abandoned = await begin(Date.now() - 10_000);
  await rescuer.round();
  expect(await shared.store.jobs.get(concluding)).toMatchObject({ status: 'in_progress' });
  expect(await shared.store.jobs.get(abandoned)).toMatchObject({
    status: 'expired',
    attempts: [{ status: 'expired', cost: null }],
  });
  const [next] = await shared.store.redis.zmscore(keys.watch, concluding);
  expect(Number(next) - Date.now()).toBeGreaterThan(0);
  expect(Number(next) - Date.now()).toBeLessThan(3000);
});

it('lets no job that cannot be helped stand in the way of the others', async () => {
  const foreign = await createJob(shared.store, DUE);
  await shared.store.redis.hset(keys.record(foreign), 'version', 99);
  const lost = await createJob(shared.store, { ...DUE, group: 'gone from the configuration' });
  const sound = await createJob(shared.store, DUE);
  await rescuer.round();
  expect(await producer.position({ group: 'group', lane: 'interactive', id: sound })).toBe(0);
  expect(await shared.store.jobs.get(lost)).toMatchObject({ status: 'queued' });
});

it('forgets a listing whose job was never written', async () => {
  const { id } = jobSpec();
  await shared.store.jobs.index.open(id, Date.now() - 1);
  expect(await shared.store.jobs.index.page(null, null, 100)).toContain(id);
  await rescuer.round();
  expect(await shared.store.jobs.index.page(null, null, 100)).not.toContain(id);
});
