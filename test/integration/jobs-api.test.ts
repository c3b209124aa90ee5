import { describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob } from '../support/ask.ts';
import { jobsSluice } from '../support/jobs-sluice.ts';

const { sluice, jobs, get, settled } = jobsSluice();

describe('submitting', () => {
  test('a submission is answered with 202, where to look, and the job', async () => {
    const body = ask();
    const options = { custom_id: 'mine', metadata: { a: 'b' }, priority: 7, delay: 3000, timeout: 3600 };
    const answer = await call('POST', jobs(), { body: { url: '/v1/chat/completions', body, ...options } });
    const { id } = answer.body;
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('x-sluice-job-id')).toBe(id);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^job_[0-9a-f]{32}$/),
      object: 'job',
      status: 'queued',
      url: '/v1/chat/completions',
      model: 'scripted/echo',
      custom_id: 'mine',
      metadata: { a: 'b' },
      priority: 7,
      created_at: expect.any(Number),
      started_at: null,
      finished_at: null,
      expires_at: answer.body.created_at + 3600,
      position: null,
      attempts: [],
      usage: null,
      cost: null,
      finish_reason: null,
      error: null,
      result: null,
      links: {
        self: `/v1/jobs/${id}`,
        events: `/v1/jobs/${id}/events`,
        result: `/v1/jobs/${id}/result`,
        cancel: `/v1/jobs/${id}/cancel`,
      },
    });
    expect((await get(id)).body).toEqual(answer.body);
  });

  test('a settled job has its whole completion, its attempt and its usage', async () => {
    const id = await submit(sluice.url, ask({ text: 'one two three' }));
    const answer = await settled(id);
    expect(answer.status).toBe(200);
    const { created_at, started_at, finished_at, result, ...job } = answer.body;
    for (const time of [created_at, started_at, finished_at]) expect(Number.isInteger(time)).toBe(true);
    expect([created_at, started_at, finished_at]).toEqual([created_at, started_at, finished_at].sort());
    expect(Math.abs(created_at - Date.now() / 1000)).toBeLessThan(600);
    const usage = { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 };
    expect(job).toMatchObject({
      status: 'completed',
      custom_id: null,
      metadata: null,
      priority: 0,
      position: null,
      usage,
      finish_reason: 'stop',
      error: null,
    });
    expect(job.attempts).toEqual([
      {
        epoch: 1,
        provider: 'scripted',
        model: 'echo',
        started_at,
        finished_at: expect.any(Number),
        status: 'completed',
        error: null,
        usage,
        cost: null,
      },
    ]);
    expect(result).toEqual({
      id: `chatcmpl-${id.slice(4)}`,
      object: 'chat.completion',
      created: created_at,
      model: 'scripted/echo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'one two three', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage,
    });
  });

  test('nothing of a body is lost or taken for something else, whatever its keys are called', async () => {
    const text = JSON.stringify({
      body: { ...ask('fine'), constructor: { prototype: 1 }, toString: 'x' },
      metadata: { constructor: 'c', toString: 't', hasOwnProperty: 'h', ключ: '值 🙂' },
    }).replace('"metadata":{', '"metadata":{"__proto__":"p",');
    const answer = await call('POST', jobs(), { raw: text });
    expect(answer.status).toBe(202);
    const job = answer.body;
    const expected = '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h","ключ":"值 🙂"}';
    expect(JSON.stringify(job.metadata)).toBe(expected);
    const later = await settled(job.id);
    expect(JSON.stringify(later.body.metadata)).toBe(expected);
    expect(later.body.result.choices[0].message.content).toBe('fine');
    // Prototypes are those of the whole process: another job shows if one was touched.
    const other = await settled(await submit(sluice.url, ask('other')));
    expect(other.body).toMatchObject({ metadata: null, priority: 0, status: 'completed' });
  });

  test('of a key that is written twice, the last one counts', async () => {
    const text = `{"priority":1,"body":${JSON.stringify(ask())},"priority":5}`;
    const headers = { 'Content-Type': 'application/json; charset=UTF-8' };
    const answer = await call('POST', jobs(), { raw: text, headers });
    expect(answer.body.priority).toBe(5);
  });

  test('null stands for an option that is left out', async () => {
    const options = { custom_id: null, metadata: null, priority: null, delay: null, timeout: null };
    const { body } = await settled(await submit(sluice.url, ask(), options));
    expect(body).toMatchObject({ status: 'completed', custom_id: null, metadata: null, priority: 0 });
    expect(body.expires_at).toBe(body.created_at + 3600);
  });

  test('a delayed job does not start before its time', async () => {
    const id = await submit(sluice.url, ask(), { delay: 1.5 });
    const { body } = await settled(id);
    expect(body.status).toBe('completed');
    // Whole seconds, both rounded down: half a second of the delay may not show.
    expect(body.started_at).toBeGreaterThanOrEqual(body.created_at + 1);
  });
});

describe('Idempotency-Key', () => {
  const post = (key: string, body: object) =>
    call('POST', jobs(), { body, headers: { 'Idempotency-Key': key } });

  test('the same request again is the same job, whether the key is quoted or bare', async () => {
    const body = { body: ask(), custom_id: 'x' };
    const first = await post('key one', body);
    expect(first.status).toBe(202);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const again = await post('"key one"', body);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(`/v1/jobs/${first.body.id}`);
    expect(again.body.id).toBe(first.body.id);
    expect(again.body.created_at).toBe(first.body.created_at);
    await settled(first.body.id);
    const late = await post('key one', body);
    expect(late.body).toMatchObject({ id: first.body.id, status: 'completed' });
    expect(late.headers.get('idempotent-replayed')).toBe('true');
    expect(late.body.attempts).toHaveLength(1);
  });

  test.each([
    ['another prompt', { body: ask({}, { messages: [{ role: 'user', content: 'other' }] }) }],
    ['another option', { body: ask(), priority: 1 }],
    ['another metadata', { body: ask(), metadata: { a: 'b' } }],
  ])('another request with the same key is refused: %s', async (name, other) => {
    const key = `key for ${name}`;
    const first = await post(key, { body: ask() });
    const refused = await post(key, other);
    expect(refused.status).toBe(422);
    expect(refused.body.error).toMatchObject({
      type: 'invalid_request_error',
      code: 'idempotency_key_reused',
    });
    expect(refused.body.error.message).toContain(first.body.id);
  });

  test('of many requests at once, one makes the job and all are answered with it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('at once', { body: ask(), custom_id: 'at once' })),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
    const { body } = await settled(answers[0]?.body.id);
    expect(body.attempts).toHaveLength(1);
    // Lines may come after answers, but in their order.
    const { process } = sluice;
    await process.logged(({ msg, jobId }) => msg === 'job completed' && jobId === body.id, 'its last line');
    const queued = process.log.filter(({ msg, jobId }) => msg === 'job queued' && jobId === body.id);
    expect(queued).toHaveLength(1);
  });
});

describe('waiting', () => {
  const post = (prefer: string, body: object) =>
    call('POST', jobs(), { body: { body }, headers: { Prefer: prefer } });

  test.each([
    ['wait=30', 'wait=30'],
    ['WAIT = "30"; later=1, wait=1', 'wait=30'],
    ['handling=lenient,wait=999999999999', 'wait=60'],
    ['respond-async, wait=30', 'respond-async, wait=30'],
  ])('Prefer: %s is answered with the settled job', async (prefer, applied) => {
    const answer = await post(prefer, ask('done'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe(applied);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${answer.body.id}`);
    expect(answer.body.status).toBe('completed');
    expect(answer.body.result.choices[0].message.content).toBe('done');
  });

  test.each([
    ['wait=1', 'wait=1'],
    ['wait=0', 'wait=0'],
    ['wait=soon', null],
    ['waiting=60', null],
    ['wait=-1', null],
  ])('Prefer: %s is answered with 202 where the job has not settled', async (prefer, applied) => {
    const answer = await post(prefer, ask({ first_delay_ms: 3_600_000 }));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe(applied);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(['queued', 'in_progress']).toContain(answer.body.status);
    await cancel(sluice.url, answer.body.id);
  });

  test('?wait holds the answer until the job settles, or until the time is over', async () => {
    const id = await hangingJob(sluice.url);
    expect((await get(id, '?wait=1')).body.status).toBe('in_progress');
    const waiting = get(id, '?wait=60');
    await cancel(sluice.url, id);
    expect((await waiting).body.status).toBe('cancelled');
  });
});
