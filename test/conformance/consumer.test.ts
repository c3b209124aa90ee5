import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { newJobId } from '../../src/core/job-id.ts';
import { createLogger } from '../../src/log.ts';
import { Consumer } from '../../src/queue/consumer.ts';
import { Producer } from '../../src/queue/producer.ts';
import { eventually } from '../support/eventually.ts';
import { sharedStore } from '../support/stores.ts';

const GROUP = 'group';
const FIRST = 2;
const shared = sharedStore();
const logger = createLogger('silent');
let producer: Producer;
let consumer: Consumer;
/** Ends one run each. */
let ends: (() => void)[];

beforeAll(() => {
  producer = new Producer(shared.store.redis, [GROUP], logger);
});
afterAll(() => producer.close());
beforeEach(async () => {
  ends = [];
  consumer = new Consumer(
    shared.store.redis,
    { group: GROUP, lane: 'batch', concurrency: FIRST },
    async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return { kind: 'done' };
    },
    logger,
  );
  await consumer.ready();
});
afterEach(async () => {
  const drained = consumer.drain(60_000, new AbortController().signal);
  await eventually('every run to end', () => {
    for (const end of ends.splice(0)) end();
    return consumer.running === 0;
  });
  await drained;
  await shared.store.redis.flushall();
});

async function enqueue(count: number): Promise<void> {
  const tickets = Array.from({ length: count }, () => ({
    id: newJobId(),
    group: GROUP,
    lane: 'batch' as const,
    model: 'model',
    priority: 0,
    delay: 0,
  }));
  await producer.enqueueAll(GROUP, 'batch', tickets);
}

const depth = () => producer.depth(GROUP, 'batch');

test('a raised concurrency counts at once, though no job ends', async () => {
  await enqueue(30);
  for (const most of [FIRST, 3, 7, 20]) {
    consumer.concurrency = most;
    await eventually(`${most} jobs that run`, () => consumer.running === most);
  }
  expect(await depth()).toEqual({ active: 20, waiting: 10, delayed: 0 });
});

test('a lowered one disturbs nobody, and holds for those that come', async () => {
  consumer.concurrency = 10;
  await enqueue(20);
  await eventually('10 jobs that run', () => consumer.running === 10);
  consumer.concurrency = 4;
  for (const left of [9, 8, 7, 6, 5, 4]) {
    ends.shift()?.();
    await eventually(`${left} active tickets`, async () => (await depth()).active === left);
  }
  expect(consumer.running).toBe(4);
  consumer.concurrency = 6;
  await eventually('6 jobs that run', () => consumer.running === 6);
  expect(await depth()).toEqual({ active: 6, waiting: 8, delayed: 0 });
});
