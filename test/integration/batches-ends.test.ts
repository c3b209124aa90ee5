import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lineJobId } from '../../src/core/batch-id.ts';
import { keys } from '../../src/store/keys.ts';
import { call } from '../support/api-client.ts';
import { BatchClient, chatLine, chatLines } from '../support/batch-client.ts';
import { Cluster, getJob } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

let cluster: Cluster;
let batches: BatchClient;
let sluice: SluiceProcess;
beforeAll(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { batch_window: 40 },
    router_settings: { num_retries: 0 },
  });
  batches = await BatchClient.open(cluster.redis.connectionUrl);
  sluice = await cluster.run(undefined, { env: batches.env });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await batches[Symbol.asyncDispose]();
});

/** Milliseconds between two of ten thousand words: it does not end by itself. */
const ENDLESS = { text: 'word '.repeat(10_000), delay_ms: 100 };
const ids = (lines: readonly { custom_id: string }[]): string[] => lines.map((line) => line.custom_id).sort();

describe('every endpoint', () => {
  const bodies: [string, string, object, (body: never) => unknown][] = [
    [
      '/v1/chat/completions',
      'chat.completion',
      { messages: [{ role: 'user', content: 'go' }], mock_response: 'hi' },
      ({ choices }: { choices: [{ message: { content: string } }] }) => choices[0].message.content,
    ],
    [
      '/v1/completions',
      'text_completion',
      { prompt: 'go', mock_response: 'hi' },
      ({ choices }: { choices: [{ text: string }] }) => choices[0].text,
    ],
    [
      '/v1/responses',
      'response',
      { input: 'go', mock_response: 'hi' },
      ({ output }: { output: [{ content: [{ text: string }] }] }) => output[0].content[0].text,
    ],
    [
      '/v1/messages',
      'message',
      { max_tokens: 9, messages: [{ role: 'user', content: 'go' }], mock_response: 'hi' },
      ({ content }: { content: [{ text: string }] }) => content[0].text,
    ],
  ];

  test.each(bodies)('of %s gives its own answers', async (url, object, body, answer) => {
    const request = { model: 'scripted/echo', ...body };
    const line = JSON.stringify({ custom_id: 'one', method: 'POST', url, body: request });
    const { id } = await batches.create(line, { endpoint: url });
    const batch = await batches.ended(id);
    expect(batch).toMatchObject({
      status: 'completed',
      counts: { total: 1, completed: 1 },
      errorFileId: null,
    });
    const [only] = await batches.lines(batch.outputFileId);
    expect(only).toMatchObject({ custom_id: 'one', response: { status_code: 200 }, error: null });
    expect(only.response.body.object ?? only.response.body.type).toBe(object);
    expect(answer(only.response.body as never)).toBe('hi');
  });

  test('of embeddings gives vectors', async () => {
    const body = { model: 'scripted/embed', input: ['a', 'b'] };
    const line = JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/embeddings', body });
    const { id } = await batches.create(line, { endpoint: '/v1/embeddings' });
    const batch = await batches.ended(id);
    const [only] = await batches.lines(batch.outputFileId);
    expect(only.response.body.data).toHaveLength(2);
  });
});

test('lines that fail, that are refused and that succeed each get one result', async () => {
  const error = { status: 400, message: 'no' };
  const input = [
    chatLine('good'),
    chatLine('bad', { error }),
    chatLine('refused', 'x', { temperature: 'hot' }),
  ].join('\n');
  const { id } = await batches.create(input);
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'completed', counts: { total: 3, completed: 1, failed: 2 } });
  expect(ids(await batches.lines(batch.outputFileId))).toEqual(['good']);
  const errors = await batches.lines(batch.errorFileId);
  expect(ids(errors)).toEqual(['bad', 'refused']);
  const refused = errors.find((line) => line.custom_id === 'refused');
  expect(refused.response).toMatchObject({ status_code: 400, body: { error: { param: 'temperature' } } });
});

test('an input that is not valid fails the batch before a line is run', async () => {
  const { id } = await batches.create(`${chatLine('a')}\n{\n${chatLine('a')}\n`);
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'failed', outputFileId: null, errorFileId: null });
  expect(batch.errors.map(({ code, line }) => [code, line])).toEqual([
    ['invalid_json_line', 2],
    ['duplicate_custom_id', 3],
  ]);
});

test('a batch that is cancelled while it runs ends what runs and runs nothing more', async () => {
  const { id } = await batches.create(chatLines(200, () => ENDLESS));
  await eventually('lines to run', async () => (await cluster.client.hlen(keys.window(id))) === 40);
  expect(await batches.store.batches.cancel(id)).toBe('in_progress');
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'cancelled', counts: { total: 200, completed: 0, cancelled: 200 } });
  const errors = await batches.lines(batch.errorFileId);
  expect(new Set(ids(errors)).size).toBe(200);
  expect(errors[0]).toMatchObject({ response: null, error: { code: 'batch_cancelled' } });
  expect(await batches.store.batches.cancel(id)).toBe('cancelled');
});

test('what has not been run when the batch expires gets a line that says so', async () => {
  const mock = (index: number): object | string => (index < 10 ? 'done' : ENDLESS);
  const { id } = await batches.create(chatLines(100, mock), { timeout: 3 });
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'expired', counts: { total: 100, completed: 10, expired: 90 } });
  expect(ids(await batches.lines(batch.outputFileId))).toHaveLength(10);
  const errors = await batches.lines(batch.errorFileId);
  expect(errors.every((line) => line.error.code === 'batch_expired')).toBe(true);
  expect(new Set(ids(errors)).size).toBe(90);
});

test('byte-identical lines are computed once, and each gets a result', async () => {
  const same = Array.from({ length: 1500 }, (_, index) => chatLine(`same-${index}`, 'same'));
  const fails = Array.from({ length: 5 }, (_, index) =>
    chatLine(`fails-${index}`, { error: { status: 400 } }),
  );
  const refused = Array.from({ length: 5 }, (_, index) =>
    chatLine(`hot-${index}`, 'x', { temperature: 'hot' }),
  );
  const input = [...same, ...fails, ...refused].join('\n');
  const { id } = await batches.create(input, { dedupe: true });
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'completed', counts: { total: 1510, completed: 1500, failed: 10 } });
  expect(new Set(ids(await batches.lines(batch.outputFileId))).size).toBe(1500);
  expect(new Set(ids(await batches.lines(batch.errorFileId))).size).toBe(10);
  const attempts = await Array.fromAsync(batches.results.read(id), ({ record }) =>
    Number(record?.epoch ?? 0),
  );
  expect(attempts.reduce((sum, epoch) => sum + epoch, 0)).toBe(2);
});

test('a batch whose input file is deleted while it runs goes on', async () => {
  const { id, inputFileId } = await batches.create(chatLines(500));
  await batches.until('to run', id, ({ status }) => status !== 'validating');
  await batches.files.delete(inputFileId);
  expect(await batches.ended(id)).toMatchObject({ status: 'completed', counts: { completed: 500 } });
});

test('the jobs of lines can be asked for during and after, and are in no list', async () => {
  const { id } = await batches.create([chatLine('slow', ENDLESS), chatLine('quick')].join('\n'));
  const [slow, quick] = [lineJobId(id, 1), lineJobId(id, 2)];
  await batches.until('to have a result', id, ({ counts }) => counts.completed === 1);
  expect(await getJob(sluice.url, quick)).toMatchObject({ status: 'completed', custom_id: 'quick' });
  await eventually('the slow line to run', async () => {
    const { body } = await call('GET', `${sluice.url}/v1/jobs/${slow}`);
    return body.status === 'in_progress';
  });
  const listed = (await call('GET', `${sluice.url}/v1/jobs?limit=100`)).body.data;
  expect(listed.map((job: { id: string }) => job.id)).not.toContain(slow);
  const refusal = await call('DELETE', `${sluice.url}/v1/jobs/${slow}`);
  expect([refusal.status, refusal.body.error.code]).toEqual([409, 'job_in_batch']);
  expect(refusal.body.error.message).toContain(id);
  await call('POST', `${sluice.url}/v1/jobs/${slow}/cancel`);
  const batch = await batches.ended(id);
  expect(batch).toMatchObject({ status: 'completed', counts: { completed: 1, cancelled: 1 } });
  expect(await cluster.client.exists(keys.record(quick), keys.record(slow))).toBe(0);
  const result = await call('GET', `${sluice.url}/v1/jobs/${quick}/result`);
  expect(result.body.choices[0].message.content).toBe('quick');
  expect((await call('DELETE', `${sluice.url}/v1/jobs/${quick}`)).status).toBe(409);
  const { end, reader } = cluster.follow(sluice.url, quick);
  await end;
  expect(reader.text).toBe('quick');
});
