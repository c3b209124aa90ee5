import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import type { LogEntry } from '../../src/core/log-entry.ts';
import { formatOffset, type Offset, ORIGIN } from '../../src/core/offset.ts';
import { keys } from '../../src/store/keys.ts';
import { eventually } from '../support/eventually.ts';
import {
  appendAll,
  claim,
  createJob,
  offset,
  release,
  runningJob,
  settlement,
  settleRunning,
  sharedStore,
  text,
} from '../support/stores.ts';

const shared = sharedStore();

/** Each delta, and each other entry, as `<offset> <what>`: how entries are cut makes no difference. */
function flat(entry: LogEntry): string[] {
  const { epoch, seq } = entry.offset;
  if (entry.kind !== 'deltas') return [`${epoch}-${seq} ${entry.kind}`];
  const first = seq - entry.deltas.length + 1;
  return entry.deltas.map((delta, index) => `${epoch}-${first + index} ${'text' in delta && delta.text}`);
}

/** A follower that runs by itself, and waits before each entry for `gate`. */
class Follower {
  readonly seen: string[] = [];
  readonly ended: Promise<void>;
  readonly #controller = new AbortController();
  gate: Promise<unknown> = Promise.resolve();

  constructor(id: string, after: Offset, options: { readonly fresh?: boolean } = {}) {
    this.ended = this.#run(id, after, options);
  }

  stop(): void {
    this.#controller.abort();
  }

  async saw(last: string): Promise<void> {
    await eventually(`the follower to see ${last}`, () => this.seen.includes(last), {
      describe: () => this.seen.join('\n'),
    });
  }

  async #run(id: string, after: Offset, options: { readonly fresh?: boolean }): Promise<void> {
    const { signal } = this.#controller;
    for await (const entry of shared.reader.follow(id, { after, signal, ...options })) {
      this.seen.push(...flat(entry));
      await this.gate;
    }
  }
}

const RUNNING = ['1-0 attempt', '1-1 a', '1-2 b', '1-3 c'];

function append(id: string, from: number, ...pieces: string[]): Promise<unknown> {
  return shared.store.log.append(id, offset(1, from), offset(1, from + pieces.length), text(...pieces));
}

async function end(id: string, last: Offset): Promise<void> {
  expect(await shared.store.attempts.settle(id, settlement(id, last, []))).toBe('settled');
}

describe('a follower', () => {
  it('gets what is stored, then what is announced, and ends with the terminal entry', async () => {
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    await append(id, 3, 'd', 'e');
    await append(id, 5, 'f');
    await shared.store.attempts.release(id, release(1));
    expect(await claim(shared.store, id)).toBe(2);
    await end(id, offset(2, 0));
    await follower.ended;
    const rest = ['1-4 d', '1-5 e', '1-6 f', '1-7 retry', '2-0 attempt', '2-1 end'];
    expect(follower.seen).toEqual([...RUNNING, ...rest]);
  });

  it('of a job that was created a moment ago misses nothing that was written before it listened', async () => {
    const id = await runningJob(shared.store);
    await settleRunning(shared.store, id, 'completed');
    const follower = new Follower(id, ORIGIN, { fresh: true });
    await follower.ended;
    expect(follower.seen).toEqual([...RUNNING, '1-4 end']);
  });

  it('reads the log where an announcement is missing', async () => {
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    await shared.store.redis.xadd(keys.log(id), '1-4', 'deltas', '["unannounced"]');
    await append(id, 4, 'd');
    await follower.saw('1-5 d');
    await shared.store.redis.xadd(keys.log(id), '1-6', 'deltas', '["neither"]');
    await end(id, offset(1, 6));
    await follower.ended;
    expect(follower.seen).toEqual([...RUNNING, '1-4 unannounced', '1-5 d', '1-6 neither', '1-7 end']);
  });

  it('passes over announcements that are old, repeated, or of what the log does not have', async () => {
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    const announce = (message: string): Promise<number> => shared.store.redis.publish(keys.live(id), message);
    await announce('1-0 1-1 deltas ["a"]');
    await announce('1-1 1-3 deltas ["b","c"]');
    await announce('1-8 1-9 deltas ["never written"]');
    await append(id, 3, 'd');
    await announce('1-3 1-4 deltas ["d"]');
    await announce('0-0 1-0 attempt {}');
    await end(id, offset(1, 4));
    await follower.ended;
    expect(follower.seen).toEqual([...RUNNING, '1-4 d', '1-5 end']);
  });

  it('that is slower than the announcements gets all of them all the same', async () => {
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    const gate = Promise.withResolvers<void>();
    follower.gate = gate.promise;
    const large = 'x'.repeat(10_000);
    for (let seq = 3; seq < 103; seq += 1) await append(id, seq, `${seq}${large}`);
    await follower.saw(`1-4 3${large}`);
    await end(id, offset(1, 103));
    gate.resolve();
    await follower.ended;
    const written = Array.from({ length: 100 }, (_, index) => `1-${index + 4} ${index + 3}${large}`);
    expect(follower.seen).toEqual([...RUNNING, ...written, '1-104 end']);
  });

  it('goes on when its connection is killed, with what was written meanwhile', async () => {
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    for (let seq = 3; seq < 13; seq += 1) {
      await shared.store.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await append(id, seq, `${seq}`);
      await follower.saw(`1-${seq + 1} ${seq}`);
    }
    await end(id, offset(1, 13));
    await follower.ended;
    expect(follower.seen).toHaveLength(RUNNING.length + 11);
  });

  it('that stops leaves no subscription behind', async () => {
    const id = await runningJob(shared.store);
    const subscribers = async () => (await shared.store.redis.pubsub('NUMSUB', keys.live(id)))[1];
    const followers = [new Follower(id, ORIGIN), new Follower(id, offset(1, 3))];
    await followers[0]?.saw('1-3 c');
    await eventually('one subscription', async () => (await subscribers()) === 1);
    for (const follower of followers) follower.stop();
    await Promise.all(followers.map(({ ended }) => ended));
    await eventually('none', async () => (await subscribers()) === 0);
  });

  it('ends when nothing can follow: past the end, or when the job is gone', async () => {
    const settledId = await runningJob(shared.store);
    await settleRunning(shared.store, settledId, 'completed');
    for (const after of [offset(1, 4), offset(1, 99), offset(2, 0)]) {
      const past = new Follower(settledId, after);
      await past.ended;
      expect(past.seen).toEqual([]);
    }
    const id = await runningJob(shared.store);
    const follower = new Follower(id, ORIGIN);
    await follower.saw('1-3 c');
    await shared.store.jobs.delete(id);
    await follower.ended;
    expect(follower.seen).toEqual(RUNNING);
  });
});

describe('a log of entries small and large', () => {
  const SIZES = [1, 1, 1, 2, 600, 1, 3, 256, 257, 40];
  const COUNT = 3000;

  it('is read from any place to its end', async () => {
    const id = await createJob(shared.store);
    await claim(shared.store, id);
    const deltas: Delta[] = text(
      ...Array.from({ length: COUNT }, (_, index) => `${index} ${'y'.repeat(80)}`),
    );
    const last = await appendAll(shared.store, id, 1, deltas, SIZES);
    await end(id, last);
    const all = new Follower(id, ORIGIN);
    await all.ended;
    const words = deltas.map((delta, index) => `1-${index + 1} ${'text' in delta && delta.text}`);
    expect(all.seen).toEqual(['1-0 attempt', ...words, `1-${COUNT + 1} end`]);
    for (let seq = 0; seq <= COUNT; seq += seq < 900 ? 7 : 131) {
      const follower = new Follower(id, offset(1, seq));
      await follower.ended;
      expect(follower.seen, formatOffset(offset(1, seq))).toEqual(all.seen.slice(seq + 1));
    }
  });

  it('is followed live from a place inside an entry', async () => {
    const id = await createJob(shared.store);
    await claim(shared.store, id);
    await append(id, 0, ...Array.from({ length: 700 }, (_, index) => `${index}`));
    const follower = new Follower(id, offset(1, 650));
    await follower.saw('1-700 699');
    await append(id, 700, ...Array.from({ length: 700 }, (_, index) => `${700 + index}`));
    await end(id, offset(1, 1400));
    await follower.ended;
    const words = Array.from({ length: 750 }, (_, index) => `1-${651 + index} ${650 + index}`);
    expect(follower.seen).toEqual([...words, '1-1401 end']);
  });
});
