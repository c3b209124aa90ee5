import { expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel } from '../support/ask.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { startSluice } from '../support/sluice-process.ts';

const config = {
  model_list: [
    { model_name: 'first', litellm_params: { model: 'scripted/echo' } },
    { model_name: 'second', litellm_params: { model: 'scripted/echo' } },
  ],
  general_settings: { concurrency: 1 },
};
const sluice = sharedSluice({ role: 'api', config });

const position = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body.position;
const positions = (ids: readonly string[]) => Promise.all(ids.map(position));
const enqueue = (options: object = {}, model = 'first') => submit(sluice.url, ask('x', { model }), options);

test('a queued job says how many are ahead of it, and jobs run in that order', async () => {
  const plain = [await enqueue(), await enqueue(), await enqueue()];
  expect(await positions(plain)).toEqual([0, 1, 2]);

  const low = await enqueue({ priority: 9 });
  const high = await enqueue({ priority: 2 });
  const alsoHigh = await enqueue({ priority: 2 });
  const late = await enqueue();
  const inOrder = [...plain, late, high, alsoHigh, low];
  expect(await positions(inOrder)).toEqual([0, 1, 2, 3, 4, 5, 6]);

  const elsewhere = await enqueue({}, 'second');
  expect(await position(elsewhere)).toBe(0);
  const delayed = await enqueue({ delay: 3000 });
  expect(await position(delayed)).toBeNull();

  const [first = '', second = '', ...others] = inOrder;
  const cancelled = (await cancel(sluice.url, second)).body;
  expect([cancelled.status, cancelled.position]).toEqual(['cancelled', null]);
  const left = [first, ...others];
  expect(await positions(left)).toEqual([0, 1, 2, 3, 4, 5]);

  await using worker = await startSluice({
    role: 'worker',
    redisUrl: sluice.redisUrl,
    config: JSON.stringify(config),
  });
  for (const id of left) {
    const { body } = await call('GET', `${sluice.url}/v1/jobs/${id}?wait=60`);
    expect([body.status, body.position]).toEqual(['completed', null]);
  }
  const last = left.at(-1);
  await worker.logged(({ msg, jobId }) => msg === 'job completed' && jobId === last, 'the last line');
  const started = worker.log
    .filter(({ msg, jobId }) => msg === 'job in_progress' && left.includes(jobId ?? ''))
    .map(({ jobId }) => jobId);
  expect(started).toEqual(left);
});
