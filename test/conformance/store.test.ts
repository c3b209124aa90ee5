import { afterEach, describe, expect, it, vi } from 'vitest';
import { ORIGIN } from '../../src/core/offset.ts';
import type { SettleTerms } from '../../src/store/attempt-store.ts';
import { keys } from '../../src/store/keys.ts';
import {
  CLAIM,
  claim,
  createJob,
  DELTAS,
  offset,
  RETENTION,
  release,
  runningJob,
  settlement,
  settleRunning,
  sharedStore,
  stored,
  text,
} from '../support/stores.ts';

const shared = sharedStore();
afterEach(() => {
  vi.useRealTimers();
});

describe('append', () => {
  it('writes one entry of several deltas, under the offset of the last', async () => {
    const id = await runningJob(shared.store);
    expect(await shared.store.log.append(id, offset(1, 3), offset(1, 5), text('d', 'e'))).toBe('written');
    expect(await shared.store.redis.xrange(keys.log(id), '1-4', '+')).toEqual([
      ['1-5', ['deltas', '["d","e"]']],
    ]);
  });

  it.each([
    ['the last entry', offset(1, 1), offset(1, 3), text('b', 'c')],
    ['an earlier entry', offset(1, 0), offset(1, 1), text('a')],
  ])('sent again for %s, changes nothing', async (_, previous, at, deltas) => {
    const id = await runningJob(shared.store);
    const before = await stored(shared.store, id);
    expect(await shared.store.log.append(id, previous, at, deltas)).toBe('written');
    await shared.store.jobs.cancel(id);
    expect(await shared.store.log.append(id, previous, at, deltas)).toBe('written');
    expect(await stored(shared.store, id)).toMatchObject({ log: before.log });
  });

  const refusals: [string, string, (id: string) => Promise<unknown>][] = [
    ['fenced', 'a newer attempt has begun', (id) => claim(shared.store, id)],
    ['fenced', 'the job was released', (id) => shared.store.attempts.release(id, release(1))],
    ['fenced', 'the job has settled', (id) => settleRunning(shared.store, id, 'completed')],
    ['fenced', 'the job is gone', (id) => shared.store.jobs.delete(id)],
    ['cancelled', 'the job was cancelled', (id) => shared.store.jobs.cancel(id)],
    ['gap', 'the log lost its last entry', (id) => shared.store.redis.xdel(keys.log(id), '1-3')],
    ['gap', 'the log was lost', (id) => shared.store.redis.del(keys.log(id))],
  ];
  it.each(refusals)('is %s once %s, and writes nothing', async (reply, _, happen) => {
    const id = await runningJob(shared.store);
    await happen(id);
    const before = await stored(shared.store, id);
    expect(await shared.store.log.append(id, offset(1, 3), offset(1, 4), text('d'))).toBe(reply);
    expect(await stored(shared.store, id)).toEqual(before);
  });
});

describe('settle', () => {
  it('writes the last deltas, the terminal entry and the record, and lets both expire', async () => {
    const id = await runningJob(shared.store);
    const terms = settlement(id, offset(1, 3), DELTAS, { tail: text('d', 'e') });
    expect(await shared.store.attempts.settle(id, terms)).toBe('settled');
    const job = await shared.store.jobs.get(id);
    const finished_at = Math.floor((job?.finishedAt ?? 0) / 1000);
    const outcome = JSON.stringify({ ...terms.outcome, finished_at });
    expect(await shared.store.redis.xrange(keys.log(id), '1-4', '+')).toEqual([
      ['1-5', ['deltas', '["d","e"]']],
      ['1-6', ['end', outcome]],
    ]);
    expect(await shared.store.redis.hgetall(keys.record(id))).toMatchObject({
      status: 'completed',
      outcome,
      end: '1-6',
    });
    expect(await shared.store.jobs.answer(id)).toEqual({ result: terms.result, echo: null });
    expect(job?.attempts).toMatchObject([{ epoch: 1, status: 'completed' }]);
    const ttls = [await shared.store.redis.ttl(keys.record(id)), await shared.store.redis.ttl(keys.log(id))];
    expect(ttls[0]).toBeGreaterThan(RETENTION.resultTtl - 60);
    expect(ttls[1]).toBeGreaterThan(RETENTION.logTtl - 60);
    expect(ttls[1]).toBeLessThanOrEqual(RETENTION.logTtl);
  });

  it('sent again after a lost reply is settled, and anything later comes too late', async () => {
    const id = await runningJob(shared.store);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    expect(await settleRunning(shared.store, id, 'completed')).toBe('settled');
    const before = await stored(shared.store, id);
    expect(await settleRunning(shared.store, id, 'completed')).toBe('settled');
    await shared.store.jobs.cancel(id);
    expect(await settleRunning(shared.store, id, 'cancelled')).toBe('settled_before');
    vi.advanceTimersByTime(1);
    expect(await settleRunning(shared.store, id, 'completed')).toBe('settled_before');
    expect(await stored(shared.store, id)).toEqual(before);
  });

  it('settles a job that no attempt has begun', async () => {
    const id = await createJob(shared.store);
    const terms = settlement(id, ORIGIN, [], { status: 'expired', attempt: null, result: null });
    expect(await shared.store.attempts.settle(id, terms)).toBe('settled');
    expect(await shared.store.redis.xrange(keys.log(id), '-', '+')).toEqual([
      ['0-1', ['end', expect.stringContaining(JSON.stringify(terms.outcome).slice(0, -1))]],
    ]);
    expect(await shared.store.jobs.answer(id)).toEqual({ result: null, echo: null });
  });

  it('settles a job that was released, after its last entry', async () => {
    const id = await runningJob(shared.store);
    await shared.store.attempts.release(id, release(1));
    expect(
      await settleRunning(shared.store, id, 'cancelled', { previous: offset(1, 4), attempt: null }),
    ).toBe('settled');
    expect((await shared.store.jobs.get(id))?.end).toBe('1-5');
    expect((await shared.store.jobs.get(id))?.attempts).toMatchObject([{ status: 'failed' }]);
  });

  it('leaves an attempt lost that a claim found lost', async () => {
    const id = await runningJob(shared.store);
    await shared.store.jobs.cancel(id);
    expect(await shared.store.attempts.claim(id, CLAIM)).toEqual({ kind: 'cancelled', epoch: 1 });
    expect(await settleRunning(shared.store, id, 'cancelled')).toBe('settled');
    expect((await shared.store.jobs.get(id))?.attempts).toMatchObject([{ status: 'lost' }]);
  });

  it('of a cancelled job is cancelled, and only a cancellation settles it', async () => {
    const id = await runningJob(shared.store);
    await shared.store.jobs.cancel(id);
    const before = await stored(shared.store, id);
    expect(await settleRunning(shared.store, id, 'completed')).toBe('cancelled');
    expect(await stored(shared.store, id)).toEqual(before);
    expect(await settleRunning(shared.store, id, 'cancelled')).toBe('settled');
  });

  const refusals: [string, string, (id: string) => Promise<unknown>, Partial<SettleTerms>][] = [
    ['fenced', 'by an attempt after which another began', (id) => claim(shared.store, id), {}],
    ['fenced', 'by an attempt that never began', async () => {}, { epoch: 2 }],
    ['fenced', 'of a job that is gone', (id) => shared.store.jobs.delete(id), {}],
    ['moved', 'after an entry that was not the last', async () => {}, { previous: offset(1, 1) }],
    ['moved', 'of a log that lost entries', (id) => shared.store.redis.xdel(keys.log(id), '1-3'), {}],
  ];
  it.each(refusals)('is %s %s, and writes nothing', async (reply, _, happen, changes) => {
    const id = await runningJob(shared.store);
    await happen(id);
    const before = await stored(shared.store, id);
    expect(await settleRunning(shared.store, id, 'completed', changes)).toBe(reply);
    expect(await stored(shared.store, id)).toEqual(before);
  });
});
