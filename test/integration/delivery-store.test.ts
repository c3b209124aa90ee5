import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliveryOf } from '../../src/core/webhook-delivery.ts';
import { connectRedis, type ScriptedRedis } from '../../src/store/redis.ts';
import { DeliveryStore } from '../../src/store/webhooks/delivery-store.ts';
import { startRedis, type TestRedis } from '../support/redis-server.ts';

let server: TestRedis;
let redis: ScriptedRedis;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.connectionUrl, 'work');
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

function spec(name: string) {
  const type = 'job.completed' as const;
  const event = { id: `evt_${name}`, object: 'event' as const, created_at: 1, type, data: { id: name } };
  return deliveryOf(event, { endpointId: null, url: 'https://example.com/' });
}

it('fails what comes while as many deliveries are pending as may be', async () => {
  const store = new DeliveryStore(redis, 1);
  const [first, second] = [spec('first'), spec('second')];
  expect(await store.record([first])).toEqual([{ id: first.id, round: 1 }]);
  // To record the first again is no second one.
  expect(await store.record([second, first])).toEqual([{ id: first.id, round: 1 }]);
  expect(await store.pending()).toBe(1);
  expect(await store.get(second.id)).toMatchObject({
    status: 'failed',
    nextAttemptAt: null,
    endedAt: expect.any(Number),
    attempts: [{ statusCode: null, error: 'not attempted: too many deliveries were pending' }],
  });
  const begun = await store.redeliver({ id: second.id, round: 1 });
  expect(begun).toEqual({ id: second.id, round: 2 });
});
