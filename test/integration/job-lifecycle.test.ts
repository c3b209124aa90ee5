import { describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { jobsSluice } from '../support/jobs-sluice.ts';

const { sluice, jobs, get, settled } = jobsSluice();

describe('while a job runs', () => {
  test('?partial shows the text so far, and only where it is asked for', async () => {
    const id = await hangingJob(sluice.url);
    const { body } = await get(id, '?partial=true');
    expect(body).toMatchObject({ status: 'in_progress', result: null, finished_at: null });
    expect(body.attempts).toMatchObject([{ epoch: 1, status: 'in_progress', finished_at: null }]);
    expect(body.partial).toMatchObject({
      id: `chatcmpl-${id.slice(4)}`,
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'one two ' }, finish_reason: null }],
    });
    expect((await get(id)).body).not.toHaveProperty('partial');
    expect((await get(id, '?partial=false')).body).not.toHaveProperty('partial');
    await cancel(sluice.url, id);
    expect((await get(id, '?partial=true')).body).not.toHaveProperty('partial');
  });

  test('its result is not there yet, and it cannot be deleted', async () => {
    const id = await hangingJob(sluice.url);
    const result = await get(id, '/result');
    expect(result.status).toBe(202);
    expect(result.headers.get('retry-after')).toBe('1');
    expect(result.body).toMatchObject({ id, object: 'job', status: 'in_progress' });
    const deletion = await call('DELETE', `${jobs()}/${id}`);
    expect(deletion.status).toBe(409);
    expect(deletion.body.error).toEqual({
      message: `The job is in_progress. Cancel it first: POST /v1/jobs/${id}/cancel.`,
      type: 'invalid_request_error',
      param: null,
      code: 'job_not_settled',
    });
    expect((await get(id)).body.status).toBe('in_progress');
    await cancel(sluice.url, id);
  });
});

describe('how jobs end', () => {
  test('completed: the result is the completion itself', async () => {
    const id = await submit(sluice.url, ask('the end'));
    const job = await settled(id);
    const answer = await get(id, '/result');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(job.body.result);
    expect(answer.body.choices[0].message.content).toBe('the end');
  });

  test('failed: the error, what the last attempt had said, and every attempt', async () => {
    const id = await submit(sluice.url, ask({ text: 'one two three', error_after: 2, error_status: 503 }));
    const { body } = await settled(id);
    expect(body).toMatchObject({ status: 'failed', finish_reason: null });
    expect(body.error).toEqual({
      message: expect.stringContaining('scripted answered 503'),
      type: 'server_error',
      param: null,
      code: 'upstream_overloaded',
    });
    expect(body.attempts.map(({ epoch, status, error }: never) => [epoch, status, error])).toEqual([
      [1, 'failed', body.error],
      [2, 'failed', body.error],
    ]);
    expect(body.result.choices[0]).toMatchObject({
      message: { content: 'one two ' },
      finish_reason: null,
    });
    const result = await get(id, '/result');
    expect(result.status).toBe(503);
    expect(result.body).toEqual({ error: body.error });
    expect(result.headers.get('x-should-retry')).toBe('false');
  });

  test('expired: at its deadline, with what it had said', async () => {
    const id = await submit(sluice.url, ask({ text: 'one two three', hang_after: 2 }), { timeout: 1 });
    const { body } = await settled(id);
    expect(body.status).toBe('expired');
    expect(body.expires_at).toBe(body.created_at + 1);
    expect(body.result.choices[0].message.content).toBe('one two ');
    expect(body.attempts).toMatchObject([{ status: 'expired' }]);
    const result = await get(id, '/result');
    expect(result.status).toBe(504);
    expect(result.body.error).toEqual({
      message: 'The job did not settle before its deadline.',
      type: 'timeout_error',
      param: null,
      code: 'job_expired',
    });
  });

  test('expired: before it began', async () => {
    const id = await submit(sluice.url, ask(), { timeout: 1, delay: 600 });
    const { body } = await settled(id);
    expect(body).toMatchObject({ status: 'expired', started_at: null, attempts: [], result: null });
    expect((await get(id, '/result')).status).toBe(504);
  });

  test('cancelled while it runs: what it had said is kept, and a second time changes nothing', async () => {
    const id = await hangingJob(sluice.url);
    const answer = await cancel(sluice.url, id);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      id,
      status: 'cancelled',
      error: { code: 'job_cancelled', type: 'invalid_request_error', param: null },
      attempts: [{ epoch: 1, status: 'cancelled' }],
      result: { choices: [{ message: { content: 'one two ' }, finish_reason: null }] },
    });
    const again = await cancel(sluice.url, id);
    expect([again.status, again.body]).toEqual([200, answer.body]);
    expect((await get(id, '/result')).status).toBe(409);
  });

  test('cancelled before it began', async () => {
    const id = await submit(sluice.url, ask(), { delay: 3000 });
    const answer = await cancel(sluice.url, id);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'cancelled', started_at: null, attempts: [], result: null });
  });

  test('a job that has completed cannot be cancelled any more', async () => {
    const id = await submit(sluice.url, ask());
    const before = await settled(id);
    const answer = await cancel(sluice.url, id);
    expect([answer.status, answer.body]).toEqual([200, before.body]);
  });

  test('of many cancellations at once, all are answered alike', async () => {
    const id = await hangingJob(sluice.url);
    const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(sluice.url, id)));
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
    expect(answers[0]?.body.status).toBe('cancelled');
  });

  test('deleted: nothing of it is left', async () => {
    const id = await submit(sluice.url, ask());
    await settled(id);
    const answer = await call('DELETE', `${jobs()}/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ id, object: 'job.deleted', deleted: true });
    const url = `${jobs()}/${id}`;
    for (const [method, path] of [
      ['GET', url],
      ['GET', `${url}/events`],
      ['GET', `${url}/result`],
      ['POST', `${url}/cancel`],
      ['DELETE', url],
    ] as const) {
      const gone = await call(method, path);
      expect([method, path, gone.status, gone.body.error.code]).toEqual([method, path, 404, 'job_not_found']);
    }
    expect(await sluice.redis.keys(`*${id}*`)).toEqual([]);
  });

  test('each step of a job is one line of the log', async () => {
    const completed = await submit(sluice.url, ask());
    await settled(completed);
    const failing = await submit(sluice.url, ask({ error_status: 500 }));
    await settled(failing);
    const waiting = await submit(sluice.url, ask(), { delay: 3000 });
    await cancel(sluice.url, waiting);
    const running = await hangingJob(sluice.url);
    await cancel(sluice.url, running);
    const expiring = await submit(sluice.url, ask(), { delay: 3000, timeout: 1 });
    await settled(expiring);

    const steps = (id: string): string[] =>
      sluice.process.log.filter(({ jobId }) => jobId === id).map(({ msg }) => msg);
    const expected = {
      [completed]: ['job queued', 'job in_progress', 'job completed'],
      [failing]: ['job queued', 'job in_progress', 'job queued', 'job in_progress', 'job failed'],
      [waiting]: ['job queued', 'job cancelled'],
      [running]: ['job queued', 'job in_progress', 'job cancelled'],
      [expiring]: ['job queued', 'job expired'],
    };
    await eventually('the last lines', () =>
      Object.entries(expected).every(([id, lines]) => steps(id).length >= lines.length),
    );
    for (const [id, lines] of Object.entries(expected)) expect(steps(id)).toEqual(lines);
  });
});
