import { expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { batchEnded, batchLines, createBatch, getBatch } from '../support/batches.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

/** Slots for two jobs at once: a flood is small here. */
const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { concurrency: 2, batch_window: 50 },
  },
});
const SLOW = { model: 'scripted/echo', mock_response: { first_delay_ms: 3_600_000 } };
const slow = { ...SLOW, messages: [{ role: 'user', content: 'Wait.' }] };

test('a job of its own does not wait behind the lines of a batch', async () => {
  const { id } = await createBatch(sluice.url, batchLines(200, 'scripted/lorem?first_delay_ms=3600000'));
  const running = async (): Promise<number> =>
    (await call('GET', `${sluice.url}/v1/batches/${id}/jobs?status=in_progress&limit=100`)).body.data.length;
  // All slots of the lane are taken, and dozens of lines wait.
  await eventually('lines that run', async () => (await running()) === 2);
  const answer = await call('POST', `${sluice.url}/v1/chat/completions`, {
    body: { model: 'scripted/echo', messages: [{ role: 'user', content: 'Now.' }] },
  });
  expect(answer.body.choices[0].message.content).toBe('Now.');
  expect((await getBatch(sluice.url, id)).request_counts.completed).toBe(0);
  await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
  await batchEnded(sluice.url, id);
});

test('a batch does not wait behind a flood of other jobs', async () => {
  const flood = await Promise.all(Array.from({ length: 20 }, () => submit(sluice.url, slow)));
  const { id } = await createBatch(sluice.url, batchLines(30));
  const ended = await batchEnded(sluice.url, id);
  expect(ended.request_counts).toMatchObject({ total: 30, completed: 30 });
  const waiting = await call('GET', `${sluice.url}/v1/jobs?status=queued&limit=100`);
  expect(waiting.body.data).toHaveLength(18);
  await Promise.all(flood.map((jobId) => call('POST', `${sluice.url}/v1/jobs/${jobId}/cancel`)));
});

test('the queue holds no more lines than the window, and the lists of jobs none', async () => {
  const { id } = await createBatch(sluice.url, batchLines(200, 'scripted/lorem?first_delay_ms=3600000'));
  await eventually('a full window', async () => (await sluice.redis.keys('sluice:{job_*}')).length >= 50);
  expect(await sluice.redis.hlen(`sluice:{${id}}:window`)).toBe(50);
  const metrics = await (await fetch(`${sluice.url}/metrics`)).text();
  const depth = (state: string): number =>
    Number(
      new RegExp(`sluice_queue_depth\\{[^}]*lane="batch",state="${state}"\\} (\\d+)`).exec(metrics)?.[1],
    );
  expect(depth('waiting') + depth('active')).toBe(50);
  const listed = await call('GET', `${sluice.url}/v1/jobs?status=queued`);
  expect(listed.body.data).toEqual([]);
  await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
  const ended = await batchEnded(sluice.url, id);
  expect(ended.request_counts).toMatchObject({ total: 200, cancelled: 200 });
});
