import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { call, scripted, submit } from '../support/api-client.ts';
import { Cluster } from '../support/cluster.ts';
import { JobReader } from '../support/job-reader.ts';
import { type LossyRedisProxy, startLossyRedisProxy } from '../support/lossy-redis-proxy.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { appendAll, claim, createJob, openStore, release, settlement, text } from '../support/stores.ts';

const CYCLES = 500;
const DELTAS = 2500;
const READERS = 4;
/** How many of the announcements get lost. */
const LOSS = 0.3;

const TEXT = Array.from({ length: DELTAS }, (_, index) => `${index} läuft ✓\n`).join('');

let cluster: Cluster;
let lossy: LossyRedisProxy;
let api: SluiceProcess;

beforeAll(async () => {
  cluster = await Cluster.start();
  lossy = await startLossyRedisProxy(cluster.redis.connectionUrl, () => Math.random() < LOSS);
  [api] = await Promise.all([cluster.run('api', { redisUrl: lossy.url }), cluster.run('worker')]);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await lossy.stop();
});

/** A reader that leaves after a few events, again and again. */
function restless(reader: JobReader, stay: number): Promise<unknown> {
  let left = 0;
  return reader.follow({
    leave: () => {
      left -= 1;
      if (left > 0) return false;
      left = 1 + Math.floor(Math.random() * stay);
      return true;
    },
  });
}

it(`${CYCLES} disconnects on a stream whose announcements get lost cost no byte`, async () => {
  const id = await submit(api.url, scripted({ text: TEXT, deltas: DELTAS, delay_ms: 1 }, 'scripted/echo'));
  const steady = new JobReader(api.url, id);
  const leaving = Array.from({ length: READERS }, () => new JobReader(api.url, id));
  await Promise.all([steady.follow(), ...leaving.map((reader) => restless(reader, 20))]);

  const late = new JobReader(api.url, id);
  await late.follow();
  expect(late.text).toBe(TEXT);
  for (const reader of [steady, ...leaving]) {
    expect(reader.events).toEqual(late.events);
    expect(reader.text).toBe(TEXT);
    expect(reader.dropped).toBe(0);
  }
  expect(steady.connections).toBe(1);
  expect(leaving.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(CYCLES);
  expect(lossy.dropped).toBeGreaterThan(100);
  expect(lossy.passed).toBeGreaterThan(100);
});

describe('a finished log of two attempts', () => {
  let id: string;
  let url: string;
  /** The events as they are sent to whoever asks for all of them, each with its blank line. */
  let frames: string[];
  let ids: string[];

  beforeAll(async () => {
    const store = await openStore(cluster.redis.connectionUrl);
    id = await createJob(store);
    const first = await claim(store, id);
    await appendAll(store, id, first, deltas(100), [1, 7, 2, 30]);
    await store.attempts.release(id, release(first));
    const second = await claim(store, id);
    const written = deltas(250);
    const last = await appendAll(store, id, second, written, [40, 1, 3, 11]);
    const tail: Delta[] = [...text('the ', 'end'), { type: 'finish', choice: 0, reason: 'stop' }];
    await store.attempts.settle(id, settlement(id, last, written, { tail }));
    await store.close();
    url = `${api.url}/v1/jobs/${id}/events`;
    frames = (await read()).split(/(?<=\n\n)/);
    ids = frames.map((frame) => /^id: (.*)$/m.exec(frame)?.[1] ?? '');
  });

  function deltas(count: number): Delta[] {
    const start: Delta = { type: 'start', choice: 0 };
    return [start, ...text(...Array.from({ length: count - 1 }, (_, index) => `${index}. Satz ✓\r\n`))];
  }

  async function read(headers: Record<string, string> = {}, query = ''): Promise<string> {
    const response = await fetch(`${url}${query}`, { headers });
    expect(response.status).toBe(200);
    return response.text();
  }

  it('is served with an event for every delta', async () => {
    const reader = new JobReader(api.url, id);
    await reader.follow();
    expect(reader.terminal?.event).toBe('completed');
    expect(reader.events.map((event) => event.id)).toEqual(ids);
    const seqs = (count: number): number[] => [...Array(count + 1).keys()];
    expect(ids).toEqual([...seqs(101).map((seq) => `1-${seq}`), ...seqs(254).map((seq) => `2-${seq}`)]);
  });

  it('resumes at every offset with exactly the rest', async () => {
    for (const [index, lastId] of ids.slice(0, -1).entries()) {
      const rest = frames.slice(index + 1).join('');
      const resumed =
        index % 2 === 0 ? await read({ 'Last-Event-ID': lastId }) : await read({}, `?after=${lastId}`);
      expect(resumed, lastId).toBe(rest);
    }
  });

  it('resumes at places that are no event with what comes after them', async () => {
    const second = frames.slice(ids.indexOf('2-0')).join('');
    expect(await read({ 'Last-Event-ID': '0-0' })).toBe(frames.join(''));
    expect(await read({ 'Last-Event-ID': '1-999999' })).toBe(second);
    expect(await read({ 'Last-Event-ID': '1-999999' }, '?after=2-100')).toBe(second);
    expect(await read({ 'Last-Event-ID': '' }, '?after=1-999999')).toBe(second);
  });

  it('answers 204 at its end and beyond', async () => {
    for (const place of [ids.at(-1) ?? '', '2-999999', '3-0', '999999999999999-999999999999999']) {
      const answer = await call('GET', url, { headers: { 'Last-Event-ID': place } });
      expect([answer.status, answer.body], place).toEqual([204, null]);
    }
  });

  it.each([
    'x',
    '1',
    '1-',
    '-1',
    '1-2-3',
    '01-2',
    '1-02',
    '1.0-2',
    '1-2x',
    '1-1e3',
    '１-2',
    '1-9999999999999999',
  ])('answers 400 to the offset %j', async (place) => {
    const answer = await call('GET', `${url}?after=${encodeURIComponent(place)}`);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'invalid_offset',
      param: 'after',
      type: 'invalid_request_error',
    });
  });

  it('answers 400 to a malformed Last-Event-ID, even beside a good ?after=', async () => {
    const answer = await call('GET', `${url}?after=1-2`, { headers: { 'Last-Event-ID': 'x' } });
    expect([answer.status, answer.body.error.param]).toEqual([400, 'Last-Event-ID']);
  });
});
