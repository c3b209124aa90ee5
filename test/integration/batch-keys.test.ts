import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { batchEnded, batchLine, createBatch } from '../support/batches.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();

/** How many clients send the same request at once. */
const AT_ONCE = 12;

const atOnce = (path: string, key: string, body: object) =>
  Promise.all(
    Array.from({ length: AT_ONCE }, () =>
      call('POST', `${sluice.url}${path}`, { body, headers: { 'Idempotency-Key': key } }),
    ),
  );

test.each(['one', 'two', 'three'])(
  'requests of Anthropic’s with the same key at once (%s) make one batch, which runs',
  async (key) => {
    const params = { model: 'scripted/echo', max_tokens: 10, messages: [{ role: 'user', content: 'Go.' }] };
    const answers = await atOnce('/v1/messages/batches', key, { requests: [{ custom_id: 'a', params }] });
    const [id, ...others] = new Set(answers.map(({ body }) => body.id));
    expect(others).toEqual([]);
    const ended = await eventually(`the end of ${id}`, async () => {
      const { body } = await call('GET', `${sluice.url}/v1/messages/batches/${id}`);
      return body.processing_status === 'ended' ? body : null;
    });
    expect(ended.request_counts).toMatchObject({ succeeded: 1, errored: 0 });
  },
);

test('retries with the same key at once make one batch, which runs', async () => {
  const refused = batchLine('refused', { model: 'scripted/echo', messages: [] });
  const { id } = await createBatch(sluice.url, [refused]);
  await batchEnded(sluice.url, id);
  const answers = await atOnce(`/v1/batches/${id}/retry`, 'again', {});
  const [retry, ...others] = new Set(answers.map(({ body }) => body.id));
  expect(others).toEqual([]);
  expect(await batchEnded(sluice.url, retry as string)).toMatchObject({
    status: 'completed',
    request_counts: { total: 1, failed: 1 },
  });
  const { body } = await call('GET', `${sluice.url}/v1/files?purpose=batch`);
  const inputs = body.data.filter(({ filename }: { filename: string }) => filename === `${id}_retry.jsonl`);
  expect(inputs).toHaveLength(1);
});
