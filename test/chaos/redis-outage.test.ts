import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { call, scripted, submit } from '../support/api-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { JobReader } from '../support/job-reader.ts';
import { Load, type Refused } from '../support/load.ts';
import { type SluiceProcess, startSluice } from '../support/sluice-process.ts';

const CLIENTS = 16;
/** Ms within which a submission is answered while Redis is away. */
const AT_ONCE = 2000;

const TEXT = Array.from({ length: 60 }, (_, index) => `${index} Wörter — ✓\n`).join('');
const answer = (deltas: number, delay_ms: number): object =>
  scripted({ text: TEXT, deltas, delay_ms }, 'scripted/echo');

let cluster: Cluster;
afterEach(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

async function ready(api: SluiceProcess): Promise<number> {
  return (await call('GET', `${api.url}/health/ready`)).status;
}

function checkRefused(refused: readonly Refused[]): void {
  for (const { answer, took } of refused) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('retry-after-ms')).toBe('1000');
    expect(answer.body).toEqual({
      error: { message: expect.any(String), type: 'server_error', param: null, code: 'storage_unavailable' },
    });
    expect(took).toBeLessThan(AT_ONCE);
  }
}

function checkFollowed(readers: readonly JobReader[]): void {
  for (const reader of readers) {
    expect(reader.terminal?.event).toBe('completed');
    expect(reader.text).toBe(TEXT);
    expect(reader.dropped).toBe(0);
  }
}

/** Unix ms at which the last of the locks that workers hold now will have expired. */
async function locksExpire(): Promise<number> {
  const locks = await eventually('a lock', async () => {
    const keys = await cluster.client.keys('sluice:*:lock');
    return keys.length > 0 && keys;
  });
  return Math.max(...(await Promise.all(locks.map((key) => cluster.client.pexpiretime(key)))));
}

/** Kills Redis under load and starts it again; `outlive`: when the locks of the running jobs have expired. */
async function outage(api: SluiceProcess, load: Load, options: { outlive: boolean }): Promise<void> {
  const settled = load.settled.length;
  await eventually('jobs to settle', () => load.settled.length >= settled + 2 * CLIENTS);
  await eventually('streams to be open', () => load.streaming.length >= CLIENTS / 2);
  const over = options.outlive ? await locksExpire() : 0;
  const refused = load.refused.length;
  const open = load.streaming;
  await cluster.redis.sigkill();
  await eventually('the API to be unready', async () => (await ready(api)) === 503);
  await eventually('refusals', () => Date.now() > over && load.refused.length > refused + 5);
  expect(open.filter(({ dropped }) => dropped > 0)).toEqual([]);
  await cluster.redis.restart();
  await eventually('the API to be ready', async () => (await ready(api)) === 200);
}

it('no accepted job is lost when Redis is killed under load, and no stream breaks off', async () => {
  cluster = await Cluster.start(undefined, { extraArgs: ['--appendfsync', 'always'] });
  const [api, worker] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
  const load = new Load(api.url, CLIENTS, answer(40, 10));
  for (const _ of [1, 2, 3]) await outage(api, load, { outlive: false });
  // The queue then takes the running jobs for abandoned.
  await outage(api, load, { outlive: true });

  await eventually('jobs to settle', () => load.settled.length > 10 * CLIENTS);
  await load.stop();
  expect(load.refused.length).toBeGreaterThan(0);
  checkRefused(load.refused);
  checkFollowed(load.accepted);
  const stopped = Promise.race([api.exited, worker.exited]);
  expect(await Promise.race([stopped, 'both run'])).toBe('both run');
}, 120_000);

it('connections killed over and over cost no reader a byte', async () => {
  cluster = await Cluster.start();
  const [api] = await Promise.all([cluster.run('api'), cluster.run('worker')]);
  const ids = await Promise.all(Array.from({ length: 12 }, () => submit(api.url, answer(800, 5))));
  const readers = ids.map((id) => new JobReader(api.url, id));
  const followed = Promise.all(readers.map((reader) => reader.follow()));
  const progress = (): number => readers.reduce((sum, { events }) => sum + events.length, 0);
  const over = (): boolean => readers.every(({ terminal }) => terminal !== undefined);
  let kills = 0;
  while (!over()) {
    const before = progress();
    await cluster.client.call(
      'CLIENT',
      'KILL',
      'TYPE',
      kills % 2 === 0 ? 'pubsub' : 'normal',
      'SKIPME',
      'yes',
    );
    kills += 1;
    await eventually('the streams to go on', () => progress() > before + 30 || over());
  }
  await followed;
  expect(kills).toBeGreaterThan(20);
  checkFollowed(readers);
});

it('a Sluice that runs its own Redis starts it again when it is killed', async () => {
  await using sluice = await startSluice();
  const [id = '', ...others] = await Promise.all([1, 2, 3].map(() => submit(sluice.url, answer(150, 10))));
  const readers = [id, ...others].map((job) => new JobReader(sluice.url, job));
  const followed = Promise.all(readers.map((reader) => reader.follow()));
  await eventually('text', () => readers.every(({ deltas }) => deltas > 20));
  const { socket } = await sluice.logged(({ msg }) => msg === 'starting Redis', 'Redis to be started');
  const redis = new Redis(String(socket), { retryStrategy: () => null });
  redis.on('error', () => {});
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  process.kill(pid, 'SIGKILL');
  await followed;
  redis.disconnect();
  checkFollowed(readers);
  expect(sluice.log.filter(({ msg }) => msg === 'starting Redis')).toHaveLength(2);
  expect(await ready(sluice)).toBe(200);
});
