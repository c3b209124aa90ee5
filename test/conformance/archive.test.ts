import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { Producer } from '../../src/queue/producer.ts';
import { keys } from '../../src/store/keys.ts';
import { Rescuer } from '../../src/worker/rescuer.ts';
import { archiveStore } from '../support/archive-store.ts';
import { eventually } from '../support/eventually.ts';
import { createJob, RETENTION } from '../support/stores.ts';

const shared = archiveStore();
const { settledJob, expire, life, tasks, hurry, document } = shared;
const get = (id: string) => shared.store.jobs.get(id);
const annotate = (id: string, metadata: Record<string, string>) => shared.store.jobs.annotate(id, metadata);

beforeEach(async () => {
  await shared.store.redis.del(keys.archive);
});

describe('a stored job', () => {
  it('lives in Redis until it has been archived, and for result_ttl from then on', async () => {
    const id = await settledJob();
    expect(await tasks()).toEqual({ [id]: 0 });
    expect(await life(id)).toBeGreaterThan(RETENTION.storedTtl - 60);
    const record = await shared.store.redis.hgetall(keys.record(id));
    await shared.archiver.round();
    expect(await document(id)).toEqual(record);
    expect(await life(id)).toBeLessThanOrEqual(RETENTION.resultTtl);
    expect(await life(id)).toBeGreaterThan(RETENTION.resultTtl - 60);
    expect(await tasks()).toEqual({});
  });

  it('is the same when its record has gone', async () => {
    const id = await settledJob({ metadata: { a: 'b' }, echo: { c: 'd' }, customId: 'x' });
    const { jobs } = shared.store;
    const before = [await jobs.get(id), await jobs.content(id), await jobs.answer(id)];
    await shared.archiver.round();
    await expire(id);
    expect([await jobs.get(id), await jobs.content(id), await jobs.answer(id)]).toEqual(before);
    expect(before[0]).toMatchObject({ status: 'completed', metadata: { a: 'b' }, customId: 'x' });
    expect(before[1]).toMatchObject({ request: { model: 'scripted/echo' }, echo: { c: 'd' } });
  });

  it('is gone after stored_ttl, though its day is not over', async () => {
    const id = await settledJob();
    await shared.store.redis.hset(keys.record(id), 'finishedAt', Date.now() - 1000 * RETENTION.storedTtl);
    await shared.archiver.round();
    await expire(id);
    expect(await document(id)).not.toBeNull();
    expect(await get(id)).toBeNull();
    expect((await shared.store.jobs.answer(id)).result).toBeNull();
    expect(await annotate(id, {})).toBe(false);
  });

  it('is archived even if nobody listed that it settled', async () => {
    const id = await settledJob();
    const { redis } = shared.store;
    await redis.del(keys.archive);
    await redis.zadd(keys.watch, 0, id);
    const logger = createLogger('silent');
    const producer = new Producer(redis, ['group'], logger);
    await new Rescuer(shared.store, producer, logger).round();
    await producer.close();
    expect(await tasks()).toEqual({ [id]: 0 });
  });
});

it('a stored chat completion comes into the list of them, though its submission failed to list it', async () => {
  const id = await settledJob();
  const list = keys.stored('/v1/chat/completions');
  expect(await shared.store.redis.zrem(list, id)).toBe(1);
  await shared.archiver.round();
  expect(await shared.store.redis.zscore(list, id)).toBe('0');
});

it('a stored job of an endpoint without such a list is in none', async () => {
  const id = await settledJob({ url: '/v1/other' });
  await shared.archiver.round();
  expect(await document(id)).not.toBeNull();
  expect(await shared.store.redis.keys('sluice:{index}:stored:*')).toEqual([
    'sluice:{index}:stored:/v1/chat/completions',
  ]);
  expect(await shared.store.redis.zscore(keys.stored('/v1/chat/completions'), id)).toBeNull();
});

it('jobs are archived and deleted while Redis is out of memory', async () => {
  const ids = [await settledJob(), await settledJob()];
  const { redis, jobs } = shared.store;
  await redis.config('SET', 'maxmemory', '1mb');
  try {
    await expect(redis.set('more', 'x')).rejects.toThrow('OOM');
    await shared.archiver.round();
    for (const id of ids) expect(await life(id)).toBeLessThanOrEqual(RETENTION.resultTtl);
    const [kept = '', deleted = ''] = ids;
    await jobs.delete(deleted);
    expect([await get(deleted), await document(deleted)]).toEqual([null, null]);
    expect(await document(kept)).not.toBeNull();
    expect(Object.keys(await tasks())).toEqual([`forget:${deleted}`]);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
});

it('a job that is not stored, or whose record says nothing of it, is not archived', async () => {
  const id = await settledJob({ stored: false });
  expect(await tasks()).toEqual({});
  expect(await life(id)).toBeLessThanOrEqual(RETENTION.resultTtl);
  await shared.archiver.round();
  await expire(id);
  expect(await get(id)).toBeNull();
  await annotate(id, {});
  expect(await tasks()).toEqual({});
});

it('a job that runs, or is not there, is dropped from the tasks', async () => {
  const running = await createJob(shared.store, { stored: true });
  await shared.store.archived.tasks.keep(running);
  await shared.store.archived.tasks.keep(`job_${'0'.repeat(32)}`);
  await shared.archiver.round();
  expect(await tasks()).toEqual({});
  expect(await document(running)).toBeNull();
});

describe('an archiver', () => {
  it('that died after writing is followed by another', async () => {
    const id = await settledJob();
    const [task] = await shared.store.archived.tasks.take(10);
    await shared.archive.write(id, await shared.store.redis.hgetall(keys.record(id)));
    expect(await tasks()).toEqual({ [id]: task?.lease });
    expect(Number(task?.lease)).toBeGreaterThan(Date.now() + 50_000);
    await shared.archiver.round();
    expect(await life(id)).toBeGreaterThan(RETENTION.resultTtl);
    await hurry();
    await shared.archiver.round();
    expect(await life(id)).toBeLessThanOrEqual(RETENTION.resultTtl);
    expect(await tasks()).toEqual({});
  });

  it('that died just before the end leaves the document alone, however late the next one comes', async () => {
    const id = await settledJob();
    const [task] = await shared.store.archived.tasks.take(1);
    if (task) await shared.store.archived.perform(task);
    await expire(id);
    await hurry();
    await shared.archiver.round();
    expect(await tasks()).toEqual({});
    expect(await get(id)).toMatchObject({ status: 'completed' });
  });

  it('keeps jobs in Redis while the disk takes nothing, and goes on when it does', async () => {
    const wall = join(shared.folder, 'archive');
    await rm(wall, { recursive: true, force: true });
    await writeFile(wall, 'no folder');
    const ids = [await settledJob(), await settledJob()];
    await shared.archiver.round();
    const waiting = await tasks();
    expect(Object.keys(waiting).sort()).toEqual(ids.sort());
    expect(Math.max(...Object.values(waiting)) - Date.now()).toBeLessThanOrEqual(1000);
    for (const id of ids) expect(await life(id)).toBeGreaterThan(RETENTION.resultTtl);
    await rm(wall);
    await eventually('the jobs to be archived', async () => {
      await shared.archiver.round();
      return Object.keys(await tasks()).length === 0;
    });
    for (const id of ids) expect(await document(id)).not.toBeNull();
  });

  it('archives what it can, though one job cannot be', async () => {
    const bad = await settledJob();
    const good = await settledJob();
    shared.archive.before = (id) => {
      if (id !== bad) throw new Error('the first must be the bad one');
      throw new Error('this one cannot be written');
    };
    await shared.archiver.round();
    expect(Object.keys(await tasks())).toEqual([bad]);
    expect(await document(good)).not.toBeNull();
    expect(await life(bad)).toBeGreaterThan(RETENTION.resultTtl);
  });
});

describe('metadata', () => {
  it('changed in Redis comes into the document', async () => {
    const id = await settledJob({ metadata: { a: '1' } });
    await shared.archiver.round();
    expect(await annotate(id, { a: '2' })).toBe(true);
    expect(await get(id)).toMatchObject({ metadata: { a: '2' } });
    expect(await life(id)).toBeGreaterThan(RETENTION.resultTtl);
    await shared.archiver.round();
    await expire(id);
    expect(await get(id)).toMatchObject({ metadata: { a: '2' } });
  });

  it('changed while the job is archived is not lost', async () => {
    const id = await settledJob({ metadata: { a: '1' } });
    shared.archive.after = () => annotate(id, { a: '2' });
    await shared.archiver.round();
    expect(await document(id)).toMatchObject({ metadata: '{"a":"1"}' });
    expect(await tasks()).toEqual({ [id]: 0 });
    expect(await life(id)).toBeGreaterThan(RETENTION.resultTtl);
    await shared.archiver.round();
    expect(await document(id)).toMatchObject({ metadata: '{"a":"2"}' });
    expect(await life(id)).toBeLessThanOrEqual(RETENTION.resultTtl);
  });

  it('changed by one who died before saying so is not lost', async () => {
    const id = await settledJob({ metadata: { a: '1' } });
    shared.archive.after = () =>
      shared.store.redis.sluiceAnnotate(keys.record(id), '{"a":"2"}', RETENTION.storedTtl);
    await shared.archiver.round();
    expect(await tasks()).toEqual({ [id]: 0 });
    await shared.archiver.round();
    expect(await document(id)).toMatchObject({ metadata: '{"a":"2"}' });
  });

  it('of a job that only the archive has can be changed', async () => {
    const id = await settledJob();
    await shared.archiver.round();
    await expire(id);
    const before = await get(id);
    expect(await annotate(id, { late: 'yes' })).toBe(true);
    expect(await get(id)).toEqual({ ...before, metadata: { late: 'yes' } });
    expect(await annotate(`job_${'0'.repeat(32)}`, {})).toBe(false);
  });
});

describe('a deleted job', () => {
  it('is gone from Redis and from the archive', async () => {
    const id = await settledJob();
    await shared.archiver.round();
    await shared.store.jobs.delete(id);
    expect([await get(id), await document(id)]).toEqual([null, null]);
    const archived = await settledJob();
    await shared.archiver.round();
    await expire(archived);
    await shared.store.jobs.delete(archived);
    expect([await get(archived), await document(archived)]).toEqual([null, null]);
  });

  it.each(['before', 'after'] as const)(
    'is not brought back by who archives it, %s writing',
    async (moment) => {
      const id = await settledJob();
      shared.archive[moment] = () => shared.store.jobs.delete(id);
      await shared.archiver.round();
      expect([await get(id), await document(id)]).toEqual([null, null]);
    },
  );

  it('is not brought back by who dies after writing, for long', async () => {
    const id = await settledJob();
    shared.archive.before = () => shared.store.jobs.delete(id);
    shared.archive.after = () => {
      throw new Error('here it dies');
    };
    await shared.archiver.round();
    expect(await document(id)).not.toBeNull();
    await hurry();
    await eventually('the deletion to be repeated', async () => {
      await shared.archiver.round();
      return (await document(id)) === null;
    });
    await eventually('the tasks to be done', async () => {
      await shared.archiver.round();
      return Object.keys(await tasks()).length === 0;
    });
    expect(await get(id)).toBeNull();
  });

  it('is not brought back by a change of its metadata', async () => {
    const id = await settledJob();
    await shared.archiver.round();
    await expire(id);
    shared.archive.before = () => shared.store.jobs.delete(id);
    expect(await annotate(id, { a: 'b' })).toBe(false);
    expect([await get(id), await document(id)]).toEqual([null, null]);
  });

  it('leaves alone a job that was submitted anew under its id', async () => {
    const id = await settledJob();
    await shared.store.jobs.delete(id);
    await createJob(shared.store, { id, stored: true });
    await hurry();
    await shared.archiver.round();
    expect(await get(id)).toMatchObject({ status: 'queued' });
    expect(await tasks()).toEqual({});
  });
});
