import { afterEach, describe, expect, it, vi } from 'vitest';
import { newJobId } from '../../src/core/job-id.ts';
import { keys } from '../../src/store/keys.ts';
import {
  CLAIM,
  claim,
  createJob,
  FAILED,
  release,
  runningJob,
  settleRunning,
  sharedStore,
  stored,
} from '../support/stores.ts';

const shared = sharedStore();
afterEach(() => {
  vi.useRealTimers();
});

describe('release', () => {
  it('gives the job back after a notice in the log, also when it is sent twice', async () => {
    const id = await runningJob(shared.store);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const terms = release(1, { at: Date.now() + 5000 });
    expect(await shared.store.attempts.release(id, terms)).toBe('released');
    const before = await stored(shared.store, id);
    expect(await shared.store.attempts.release(id, terms)).toBe('released');
    expect(await stored(shared.store, id)).toEqual(before);
    const notice = { epoch: 1, error: FAILED, at: Math.ceil(terms.at / 1000) };
    expect(await shared.store.redis.xrange(keys.log(id), '1-4', '+')).toEqual([
      ['1-4', ['retry', JSON.stringify(notice)]],
    ]);
    expect(await shared.store.attempts.claim(id, CLAIM)).toEqual({ kind: 'early', at: terms.at });
    vi.advanceTimersByTime(5000);
    expect(await shared.store.attempts.claim(id, CLAIM)).toMatchObject({
      kind: 'claimed',
      epoch: 2,
      failures: 1,
    });
    expect(await shared.store.attempts.release(id, terms)).toBe('fenced');
  });

  it('counts failures, and not what was handed over', async () => {
    const id = await createJob(shared.store);
    for (const status of ['handed_over', 'failed', 'handed_over', 'failed'] as const) {
      await shared.store.attempts.release(id, release(await claim(shared.store, id), { status }));
    }
    expect(await shared.store.attempts.claim(id, CLAIM)).toMatchObject({ epoch: 5, failures: 2 });
  });

  const refusals: [string, string, (id: string) => Promise<unknown>][] = [
    ['fenced', 'a newer attempt has begun', (id) => claim(shared.store, id)],
    [
      'fenced',
      'the job was released otherwise',
      (id) => shared.store.attempts.release(id, release(1, { status: 'handed_over' })),
    ],
    ['fenced', 'the job has settled', (id) => settleRunning(shared.store, id, 'completed')],
    ['cancelled', 'the job was cancelled', (id) => shared.store.jobs.cancel(id)],
  ];
  it.each(refusals)('is %s once %s, and writes nothing', async (reply, _, happen) => {
    const id = await runningJob(shared.store);
    await happen(id);
    const before = await stored(shared.store, id);
    expect(await shared.store.attempts.release(id, release(1))).toBe(reply);
    expect(await stored(shared.store, id)).toEqual(before);
  });
});

describe('claim', () => {
  it('opens the log of a new job', async () => {
    const id = await createJob(shared.store);
    const now = Date.now();
    expect(await shared.store.attempts.claim(id, CLAIM)).toMatchObject({
      kind: 'claimed',
      epoch: 1,
      failures: 0,
      request: { model: 'scripted/echo' },
      model: 'scripted/echo',
      deadline: expect.any(Number),
    });
    const opening = { epoch: 1, provider: 'scripted', model: 'echo' };
    expect(await shared.store.redis.xrange(keys.log(id), '-', '+')).toEqual([
      ['1-0', ['attempt', JSON.stringify(opening)]],
    ]);
    const job = await shared.store.jobs.get(id);
    expect(job).toMatchObject({
      status: 'in_progress',
      epoch: 1,
      attempts: [{ ...opening, status: 'in_progress' }],
    });
    expect(job?.startedAt).toBeGreaterThanOrEqual(now);
  });

  it('of a job in progress takes it over: the attempt before is lost', async () => {
    const id = await runningJob(shared.store);
    const started = (await shared.store.jobs.get(id))?.startedAt;
    expect(await shared.store.attempts.claim(id, CLAIM)).toMatchObject({
      kind: 'claimed',
      epoch: 2,
      failures: 0,
    });
    const job = await shared.store.jobs.get(id);
    expect(job?.attempts.map(({ status }) => status)).toEqual(['lost', 'in_progress']);
    expect(job?.startedAt).toBe(started);
  });

  it('is poisoned once more attempts were lost than may be', async () => {
    const id = await createJob(shared.store);
    for (const epoch of [1, 2, 3]) expect(await claim(shared.store, id)).toBe(epoch);
    const poisoned = { kind: 'poisoned', epoch: 3 };
    expect(await shared.store.attempts.claim(id, CLAIM)).toEqual(poisoned);
    expect(await shared.store.attempts.claim(id, CLAIM)).toEqual(poisoned);
    expect((await shared.store.jobs.get(id))?.attempts.map(({ status }) => status)).toEqual([
      'lost',
      'lost',
      'lost',
    ]);
  });

  const others: [string, object, () => Promise<string>][] = [
    ['missing', {}, async () => newJobId()],
    [
      'cancelled',
      { epoch: 0 },
      async () => {
        const id = await createJob(shared.store);
        await shared.store.jobs.cancel(id);
        return id;
      },
    ],
    [
      'cancelled',
      { epoch: 1 },
      async () => {
        const id = await runningJob(shared.store);
        await shared.store.jobs.cancel(id);
        return id;
      },
    ],
    ['expired', { epoch: 0 }, () => createJob(shared.store, { deadline: Date.now() - 1 })],
    [
      'early',
      { at: 4_000_000_000_000 },
      () => createJob(shared.store, { notBefore: 4_000_000_000_000, deadline: 5_000_000_000_000 }),
    ],
    [
      'settled',
      {},
      async () => {
        const id = await runningJob(shared.store);
        await settleRunning(shared.store, id, 'completed');
        return id;
      },
    ],
  ];
  it.each(others)('of a job that is %s %o begins nothing', async (kind, rest, arrange) => {
    const id = await arrange();
    const { log } = await stored(shared.store, id);
    expect(await shared.store.attempts.claim(id, CLAIM)).toEqual({ kind, ...rest });
    expect(await stored(shared.store, id)).toMatchObject({ log });
  });
});
