import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const client = (): Anthropic => new Anthropic({ baseURL: sluice.url, apiKey: 'any', maxRetries: 0 });

type Request = Anthropic.Messages.BatchCreateParams.Request;

function request(custom_id: string, content = 'Say it.', more: object = {}): Request {
  const params = { model: 'scripted/echo', max_tokens: 100, messages: [{ role: 'user' as const, content }] };
  return { custom_id, params: { ...params, ...more } };
}

async function ended(id: string) {
  return eventually(`the end of ${id}`, async () => {
    const batch = await client().messages.batches.retrieve(id);
    return batch.processing_status === 'ended' ? batch : null;
  });
}

test('a batch is created, followed and read', async () => {
  const requests = [
    request('first', 'One.'),
    request('second', 'Two.'),
    request('wrong', 'Three.', { max_tokens: 'many' }),
    request('unknown', 'Four.', { model: 'nobody-knows' }),
  ];
  const created = await client().messages.batches.create({ requests });
  expect(created).toMatchObject({
    id: expect.stringMatching(/^msgbatch_[0-9a-f]{32}$/),
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: 4, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    ended_at: null,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: null,
  });
  const batch = await ended(created.id);
  expect(batch.request_counts).toEqual({ processing: 0, succeeded: 2, errored: 2, canceled: 0, expired: 0 });
  expect(Date.parse(batch.ended_at ?? '')).toBeGreaterThan(Date.parse(batch.created_at) - 1);
  expect(Date.parse(batch.expires_at) - Date.parse(batch.created_at)).toBe(86_400_000);

  const results = new Map<string, Anthropic.Messages.MessageBatchResult>();
  for await (const { custom_id, result } of await client().messages.batches.results(created.id)) {
    results.set(custom_id, result);
  }
  expect([...results.keys()].sort()).toEqual(['first', 'second', 'unknown', 'wrong']);
  expect(results.get('first')).toMatchObject({
    type: 'succeeded',
    message: {
      type: 'message',
      role: 'assistant',
      model: 'scripted/echo',
      content: [{ type: 'text', text: 'One.' }],
      stop_reason: 'end_turn',
    },
  });
  expect(results.get('wrong')).toMatchObject({
    type: 'errored',
    error: { type: 'error', error: { type: 'invalid_request_error' } },
  });
  expect(results.get('unknown')).toMatchObject({
    type: 'errored',
    error: { type: 'error', error: { type: 'not_found_error' } },
  });
});

test('a result is what the same request would have been answered', async () => {
  const asked = request('only', 'The very same.');
  const { id } = await client().messages.batches.create({ requests: [asked] });
  await ended(id);
  const answer = await client().messages.create(asked.params as Anthropic.MessageCreateParamsNonStreaming);
  for await (const { result } of await client().messages.batches.results(id)) {
    const { id: _, ...message } = (result as Anthropic.Messages.MessageBatchSucceededResult).message;
    const { id: _other, ...direct } = answer;
    expect(message).toEqual(direct);
  }
});

test('a batch is cancelled, and its requests say so', async () => {
  const slow = { model: 'scripted/lorem?first_delay_ms=3600000' };
  const requests = [request('one', 'Wait.', slow), request('two', 'Wait.', slow)];
  const { id } = await client().messages.batches.create({ requests });
  const cancelling = await client().messages.batches.cancel(id);
  expect(cancelling.id).toBe(id);
  const batch = await ended(id);
  expect(batch.request_counts).toMatchObject({ succeeded: 0, canceled: 2, processing: 0 });
  expect(batch.cancel_initiated_at).not.toBeNull();
});

test('batches are listed from both ends, and deleted', async () => {
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const { id } = await client().messages.batches.create({ requests: [request(name)] });
    ids.unshift(id);
    await ended(id);
  }
  const listed: string[] = [];
  for await (const { id } of client().messages.batches.list({ limit: 2 })) listed.push(id);
  expect(listed.slice(0, 3)).toEqual(ids);
  const before = await client().messages.batches.list({ before_id: ids[2] ?? '', limit: 1 });
  expect(before.data.map(({ id }) => id)).toEqual([ids[1]]);
  expect(before.has_more).toBe(true);

  expect(await client().messages.batches.delete(ids[0] ?? '')).toEqual({
    id: ids[0],
    type: 'message_batch_deleted',
  });
  await expect(client().messages.batches.retrieve(ids[0] ?? '')).rejects.toThrow(Anthropic.NotFoundError);
  const rest: string[] = [];
  for await (const { id } of client().messages.batches.list()) rest.push(id);
  expect(rest).not.toContain(ids[0]);
});

test.each<[string, unknown, RegExp]>([
  ['no requests', [], /requests/],
  ['an id with a space', [request('with space')], /requests\[0\]\.custom_id/],
  ['an id twice', [request('same'), request('other'), request('same')], /requests\[2\]\.custom_id/],
  ['no params', [request('a'), { custom_id: 'b' }], /requests\[1\]\.params/],
])('refused is a batch with %s', async (_, requests, message) => {
  const refusal = client().messages.batches.create({ requests: requests as Request[] });
  await expect(refusal).rejects.toThrow(message);
  await expect(refusal).rejects.toThrow(Anthropic.BadRequestError);
});

test('what has not ended can be neither deleted nor read', async () => {
  const { id } = await client().messages.batches.create({
    requests: [request('slow', 'Wait.', { model: 'scripted/lorem?first_delay_ms=3600000' })],
  });
  await expect(client().messages.batches.delete(id)).rejects.toThrow(Anthropic.ConflictError);
  await expect(client().messages.batches.results(id)).rejects.toThrow();
  await client().messages.batches.cancel(id);
  await ended(id);
});

test('what was not completed runs again as a batch of the same kind, whatever its models', async () => {
  const { id } = await client().messages.batches.create({
    requests: [
      request('fine'),
      request('wrong', 'One.', { max_tokens: 'many' }),
      request('unknown', 'Two.', { model: 'nobody-knows' }),
    ],
  });
  await ended(id);
  const answer = await fetch(`${sluice.url}/v1/batches/${id}/retry`, { method: 'POST' });
  const retry = (await answer.json()) as { id: string };
  const again = retry.id.replace('batch_', 'msgbatch_');
  const begun = await client().messages.batches.retrieve(again);
  expect(begun.request_counts.processing + begun.request_counts.errored).toBe(2);
  expect((await ended(again)).request_counts).toMatchObject({ succeeded: 0, errored: 2 });
  const ids: string[] = [];
  for await (const { custom_id } of await client().messages.batches.results(again)) ids.push(custom_id);
  expect(ids.sort()).toEqual(['unknown', 'wrong']);
});
