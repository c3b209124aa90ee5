import { expect, test } from 'vitest';
import { call, scripted, submit } from '../support/api-client.ts';
import { batchEnded, batchLine, createBatch } from '../support/batches.ts';
import { expectError } from '../support/expect-error.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const body = { model: 'scripted/echo', messages: [{ role: 'user', content: 'Once more.' }] };

async function retry(id: string, headers: Record<string, string> = { Prefer: 'wait=20' }) {
  return call('POST', `${sluice.url}/v1/jobs/${id}/retry`, { headers });
}

test('a settled job is run again as a new one', async () => {
  const id = await submit(sluice.url, body, {
    custom_id: 'my-1',
    metadata: { purpose: 'trial' },
    priority: 5,
  });
  await call('GET', `${sluice.url}/v1/jobs/${id}?wait=20`);
  const again = await retry(id);
  expect(again.status).toBe(200);
  expect(again.body).toMatchObject({
    status: 'completed',
    custom_id: 'my-1',
    metadata: { purpose: 'trial' },
    priority: 5,
    result: { choices: [{ message: { content: 'Once more.' } }] },
  });
  expect(again.body.id).not.toBe(id);
});

test('so is a line of a batch that has ended, apart from the batch', async () => {
  const failing = batchLine('failing', { ...body, mock_response: { text: 'Now.', error_status: 401 } });
  const { id } = await createBatch(sluice.url, [failing]);
  await batchEnded(sluice.url, id);
  const jobs = await call('GET', `${sluice.url}/v1/batches/${id}/jobs`);
  const again = await retry(jobs.body.data[0].id);
  expect(again.body).toMatchObject({ status: 'failed', custom_id: 'failing' });
  expect((await call('GET', `${sluice.url}/v1/batches/${id}`)).body.request_counts.total).toBe(1);
});

test('with one key once', async () => {
  const id = await submit(sluice.url, body);
  await call('GET', `${sluice.url}/v1/jobs/${id}?wait=20`);
  const headers = { 'Idempotency-Key': 'again' };
  const [first, second] = [await retry(id, headers), await retry(id, headers)];
  expect(second.body.id).toBe(first.body.id);
});

test('one that runs is not run again', async () => {
  const id = await submit(sluice.url, scripted({ first_delay_ms: 3_600_000 }));
  expectError(await retry(id), 409, 'job_not_settled', null);
  await call('POST', `${sluice.url}/v1/jobs/${id}/cancel`);
  expectError(await retry('job_nothing'), 404, 'job_not_found', 'id');
});
