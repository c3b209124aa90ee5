import { describe, expect, it } from 'vitest';
import { type BatchProgress, type JobObject, Sluice } from '../../src/client/index.ts';
import { PROMPT } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: { model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }] },
});
const client = () => new Sluice({ baseURL: sluice.url, apiKey: null });
const body = (text = `one two ${PROMPT}`, extra: object = {}) => ({
  model: 'scripted/echo',
  messages: [{ role: 'user' as const, content: text }],
  ...extra,
});
const HANGING = { mock_response: { text: 'one two three', hang_after: 2 } };

describe('client.jobs', () => {
  it('submits, follows, and gives the result', async () => {
    const job = await client().jobs.submit({
      body: body(),
      custom_id: 'mine',
      metadata: { a: 'b' },
      priority: 3,
    });
    expect(job.data).toMatchObject({
      status: 'queued',
      custom_id: 'mine',
      metadata: { a: 'b' },
      priority: 3,
    });
    let text = '';
    for await (const delta of job.stream()) text += delta.text;
    expect(text).toBe(`one two ${PROMPT}`);
    const answer = await job.result();
    expect(answer.choices[0]?.message.content).toBe(text);
    expect((await job.refresh()).data).toMatchObject({ status: 'completed', result: answer });
  });

  it('shows a job as the server does', async () => {
    const job = await client().jobs.submit({ body: body() });
    const shown = JSON.parse(JSON.stringify(job));
    expect(shown).toMatchObject({ id: job.id, object: 'job', links: { self: `/v1/jobs/${job.id}` } });
  });

  it('gives the same job for the same key, and refuses another request under it', async () => {
    const options = { idempotencyKey: 'the-key' };
    const [first, second] = await Promise.all([
      client().jobs.submit({ body: body('same') }, options),
      client().jobs.submit({ body: body('same') }, options),
    ]);
    expect(first.id).toBe(second.id);
    await expect(client().jobs.submit({ body: body('other') }, options)).rejects.toMatchObject({
      name: 'UnprocessableEntityError',
      code: 'idempotency_key_reused',
    });
  });

  it('runs requests to other endpoints', async () => {
    const job = await client().jobs.submit<{ output: unknown[] }, object>({
      url: '/v1/responses',
      body: { model: 'scripted/echo', input: 'hello' },
    });
    expect((await job.result()).output).toHaveLength(1);
  });

  it('cancels, and keeps what there was', async () => {
    const job = await client().jobs.submit({ body: body('x', HANGING) });
    for await (const { text } of job.stream()) if (text === 'two ') break;
    const cancelled = await job.cancel();
    expect(cancelled.data).toMatchObject({ status: 'cancelled', error: { code: 'job_cancelled' } });
    expect(cancelled.data.result?.choices[0]?.message.content).toBe('one two ');
    await expect(job.result()).rejects.toMatchObject({ name: 'JobCancelledError', jobId: job.id });
    expect((await job.cancel()).status).toBe('cancelled');
  });

  it('waits no longer than it is told to, and says that the job goes on', async () => {
    const job = await client().jobs.submit({ body: body('x', HANGING) });
    await expect(job.result({ timeout: 0.2 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      code: 'wait_timeout',
      retryable: true,
      jobId: job.id,
    });
    expect((await job.refresh()).status).toBe('in_progress');
    const controller = new AbortController();
    const waiting = job.result({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await job.cancel();
  });

  it('retries, and deletes', async () => {
    const job = await client().jobs.submit({ body: body('again') });
    await expect(client().jobs.delete('job_none')).rejects.toMatchObject({ name: 'NotFoundError' });
    await job.result();
    const again = await job.retry();
    expect(again.id).not.toBe(job.id);
    expect((await again.result()).choices[0]?.message.content).toBe('again');
    await job.delete();
    await expect(job.refresh()).rejects.toMatchObject({ code: 'job_not_found', jobId: job.id });
  });

  it('lists page by page, or all of them', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => client().jobs.submit({ body: body('listed') })),
    );
    await Promise.all(made.map((job) => job.result()));
    const page = await client().jobs.list({ limit: 2 });
    expect(page).toMatchObject({ object: 'list', has_more: true });
    expect(page.data).toHaveLength(2);
    const all: JobObject[] = [];
    for await (const job of client().jobs.list({ limit: 2, status: 'completed' })) all.push(job);
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of made) expect(ids).toContain(id);
  });

  it('hands on its events as they are', async () => {
    const job = await client().jobs.submit({ body: body() });
    await job.result();
    const response = await client().jobs.events(job.id, { lastEventId: '1-1' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await response.text();
    expect(text.startsWith('event: delta\nid: 1-2\n')).toBe(true);
    expect(text).toContain('event: completed');
  });
});

describe('client.batches', () => {
  it('runs lines, tells of progress, and gives results in their order', async () => {
    const progress: BatchProgress[] = [];
    const ids: string[] = [];
    const lines = Array.from({ length: 40 }, (_, index) =>
      index === 7
        ? body('x', { mock_response: { text: 'a', error_after: 0, error_status: 400 } })
        : body(`line ${index}`),
    );
    const run = await client().batches.run(lines, {
      metadata: { of: 'test' },
      onBatch: ({ id }) => ids.push(id),
      onProgress: (each) => progress.push(each),
    });
    expect(run.batch).toMatchObject({
      id: ids[0],
      status: 'completed',
      metadata: { of: 'test' },
      request_counts: { total: 40, completed: 39, failed: 1 },
    });
    expect(run.lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
    expect(run.lines[3]).toMatchObject({
      custom_id: 'line-4',
      status: 'completed',
      result: { response: { body: { choices: [{ message: { content: 'line 3' } }] } } },
    });
    expect(run.lines[7]).toMatchObject({ status: 'failed', result: { response: { status_code: 400 } } });
    expect(progress.at(-1)?.request_counts).toMatchObject({ completed: 39, failed: 1 });
    // The same batch, found again.
    expect(await client().batches.follow(run.batch.id)).toEqual(run);
    const { data } = await client().batches.list({ limit: 1 });
    expect(data[0]?.id).toBe(run.batch.id);
    const again = await client().batches.retry(run.batch.id);
    expect(again).toMatchObject({ retry_of: run.batch.id });
  });

  it('takes lines with ids of their own, from anything that can be iterated over', async () => {
    async function* lines() {
      yield { custom_id: 'a', body: body('first') };
      yield { custom_id: 'b', body: body('second') };
    }
    const run = await client().batches.run(lines());
    expect(run.lines.map(({ custom_id }) => custom_id)).toEqual(['a', 'b']);
  });

  it('says what is wrong with which line', async () => {
    const lines = [
      { custom_id: 'a', body: body() },
      { custom_id: 'a', body: body() },
    ];
    await expect(client().batches.run(lines)).rejects.toMatchObject({
      name: 'APIError',
      status: 400,
      code: 'duplicate_custom_id',
      message: expect.stringMatching(/line 2/),
    });
  });

  it('can be cancelled', async () => {
    const ids: string[] = [];
    const statuses: string[] = [];
    const running = client().batches.run([body('x', HANGING)], {
      onBatch: ({ id }) => ids.push(id),
      onProgress: ({ status }) => statuses.push(status),
    });
    await eventually('the batch to run', () => statuses.includes('in_progress'));
    await client().batches.cancel(ids[0] ?? '');
    expect((await running).batch.status).toBe('cancelled');
    expect((await running).lines[0]).toMatchObject({ status: 'cancelled' });
  });
});

describe('client.models()', () => {
  it('lists what can be asked for', async () => {
    expect(await client().models()).toEqual([expect.objectContaining({ id: 'scripted/*', object: 'model' })]);
  });
});
