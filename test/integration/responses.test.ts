import { describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { expectError } from '../support/expect-error.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const { sluice, headers, url, jobCount } = await responsesSluice({
  general_settings: { log_ttl: 1, keepalive_seconds: 1 },
});

const create = (body: object, more: Record<string, string> = {}) =>
  call('POST', url(''), { body, headers: { ...headers, ...more } });
const get = (path: string) => call('GET', url(path), { headers });
const post = (path: string) => call('POST', url(path), { headers });
const settled = (id: string) =>
  eventually(`the end of ${id}`, async () => {
    const { body } = await get(`/${id}`);
    return !['queued', 'in_progress'].includes(body.status) && body;
  });
const started = (id: string) =>
  eventually(`the beginning of ${id}`, async () => (await get(`/${id}`)).body.status === 'in_progress');
const HANGING = { text: 'a b', hang_after: 1 };

describe('a response that is not there', () => {
  const NOWHERE = `resp_${'0'.repeat(32)}`;

  test.each([
    ['GET', `/${NOWHERE}`],
    ['GET', `/${NOWHERE}?stream=true`],
    ['GET', `/${NOWHERE}/input_items`],
    ['POST', `/${NOWHERE}/cancel`],
    ['DELETE', `/${NOWHERE}`],
  ])('%s %s', async (method, path) => {
    const answer = await call(method, url(path), { headers });
    expectError(answer, 404, 'response_not_found', null, `Response with id '${NOWHERE}' not found.`);
  });

  test.each(['job_x', 'resp_', 'resp_x'])('nor can be: %s', async (id) => {
    expectError(await get(`/${id}`), 404, 'response_not_found', null);
  });

  test('the answer of another endpoint is none', async () => {
    const body = { model: 'scripted/echo', messages: [{ role: 'user', content: 'zanzibar' }], store: true };
    const { body: completion } = await call('POST', `${sluice.url}/v1/chat/completions`, { body, headers });
    const id = completion.id.replace('chatcmpl-', 'resp_');
    expectError(await get(`/${id}`), 404, 'response_not_found', null);
  });

  test('one that was not to be stored, unless it is followed in the background', async () => {
    const { body } = await create(ask('x', { store: false }));
    expect(body).toMatchObject({ status: 'completed', store: false });
    expectError(await get(`/${body.id}`), 404, 'response_not_found', null);
    const background = await create(ask('x', { store: false, background: true }));
    expect(await settled(background.body.id)).toMatchObject({ status: 'completed', store: false });
  });
});

describe('streams', () => {
  test('only of what runs in the background', async () => {
    const { body } = await create(ask('x'));
    const message = 'This response cannot be streamed because it was not created with background=true.';
    expectError(await get(`/${body.id}?stream=true`), 400, 'invalid_request_error', 'stream', message);
  });

  test('only while the log is there', async () => {
    const { body } = await create(ask('x', { background: true }));
    await settled(body.id);
    const gone = await eventually('the end of the log', async () => {
      const response = await fetch(url(`/${body.id}?stream=true`), { headers });
      const text = await response.text();
      return response.status === 400 && JSON.parse(text);
    });
    expect(gone.error).toMatchObject({
      message:
        'This response can no longer be streamed because it ended more than 1 seconds ago. Retrieve it without stream.',
      param: 'stream',
    });
  });

  test.each(['-1', 'x', '1.5', '99999999999'])('not after %s', async (place) => {
    const { body } = await create(ask('x', { background: true }));
    const answer = await get(`/${body.id}?stream=true&starting_after=${place}`);
    expectError(answer, 400, 'invalid_value', 'starting_after');
  });

  test('an attempt that breaks off ends the stream, and the next one goes on from there', async () => {
    const body = ask(
      { text: 'a b c', delay_ms: 50, error_after: 2, fail_attempts: 1 },
      { background: true, stream: true },
    );
    const response = await fetch(url(''), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const first = events(await response.text());
    const types = first.map(({ type }) => type);
    expect(types.slice(0, 6)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
    ]);
    const last = first.length - 1;
    expect(first[last]).toMatchObject({
      type: 'error',
      sequence_number: last,
      error: { code: 'attempt_interrupted' },
    });
    const id = first[0]?.response.id;
    const rest = await fetch(url(`/${id}?stream=true&starting_after=${last}`), { headers });
    const second = events(await rest.text());
    const numbers = second.map(({ sequence_number: number }) => number);
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, index) => last + 1 + index));
    expect(second.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: [{ content: [{ text: 'a b c' }] }] },
    });
    const { body: retrieved } = await get(`/${id}`);
    expect(retrieved).toEqual(second.at(-1)?.response);
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
  function events(text: string): any[] {
    const blocks = text.split('\n\n').filter((block) => block !== '');
    return blocks.map((block) => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'));
  }
});

describe('cancelling', () => {
  test('only what runs in the background', async () => {
    const { body } = await create(ask('x'));
    expectError(await post(`/${body.id}/cancel`), 400, 'invalid_request_error', null);
  });

  test('what has ended stays as it is', async () => {
    const { body } = await create(ask('x', { background: true }));
    const before = await settled(body.id);
    const answer = await post(`/${body.id}/cancel`);
    expect([answer.status, answer.body]).toEqual([200, before]);
  });

  test('what it has said stays', async () => {
    const { body } = await create(ask(HANGING, { background: true }));
    await started(body.id);
    await eventually('its text', async () => {
      const { body: job } = await call(
        'GET',
        `${sluice.url}/v1/jobs/${body.id.replace('resp_', 'job_')}?partial=true`,
        {
          headers,
        },
      );
      return job.partial?.output[0]?.content[0].text === 'a ';
    });
    const { body: cancelled } = await post(`/${body.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      completed_at: null,
      output: [{ status: 'incomplete', content: [{ text: 'a ' }] }],
    });
    expect((await post(`/${body.id}/cancel`)).body).toEqual(cancelled);
  });

  test('deleting what runs ends it first', async () => {
    const { body } = await create(ask(HANGING, { background: true }));
    await started(body.id);
    const answer = await call('DELETE', url(`/${body.id}`), { headers });
    expect(answer.body).toEqual({ id: body.id, object: 'response', deleted: true });
    expectError(await get(`/${body.id}`), 404, 'response_not_found', null);
  });
});

describe('creating', () => {
  test('a retry with the same key makes one job', async () => {
    const key = { 'Idempotency-Key': 'one' };
    const before = await jobCount();
    const first = await create(ask('x'), key);
    const second = await create(ask('x'), key);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    const streamed = await create(ask('y', { background: true }), key);
    expect(streamed.status).toBe(422);
    expect((await jobCount()) - before).toBe(1);
  });

  test.each([
    [{}, 'cancelled'],
    [{ store: true }, 'completed'],
    [{ background: true }, 'completed'],
  ])('with %j, one whose client hangs up will be %s', async (more, status) => {
    const abort = new AbortController();
    const response = await fetch(url(''), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(ask({ text: 'a b c d e f', delay_ms: 100 }, { stream: true, ...more })),
      signal: abort.signal,
    });
    const id = response.headers.get('x-sluice-job-id')?.replace('job_', 'resp_') ?? '';
    abort.abort();
    expect((await settled(id)).status).toBe(status);
  });

  test('a failure in the background is told by the response', async () => {
    const { body } = await create(ask({ error_status: 400 }, { background: true }));
    expect(await settled(body.id)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_prompt', message: expect.stringContaining('This failure was asked for.') },
      output: [],
    });
  });

  test('a failure behind a sign of life is told by the response', async () => {
    const answer = await create(ask({ first_delay_ms: 4500, error_status: 400 }));
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { status: 'failed', error: { code: 'invalid_prompt' } },
    ]);
  });

  test('one that is cancelled while its client waits is answered as it is', async () => {
    const key = { 'Idempotency-Key': 'cancelled' };
    const waiting = create(ask(HANGING), key);
    const jobs = () => call('GET', `${sluice.url}/v1/jobs?status=in_progress`, { headers });
    const job = await eventually('the job', async () => (await jobs()).body.data[0]);
    await call('POST', `${sluice.url}/v1/jobs/${job.id}/cancel`, { headers });
    const answer = await waiting;
    expect([answer.status, answer.body]).toMatchObject([200, { status: 'cancelled', error: null }]);
  });

  test('as a job, its result is a response', async () => {
    const { body: job } = await call('POST', `${sluice.url}/v1/jobs`, {
      body: { url: '/v1/responses', body: ask('x') },
      headers: { ...headers, Prefer: 'wait=30' },
    });
    expect(job).toMatchObject({ status: 'completed', url: '/v1/responses', result: { object: 'response' } });
    expect((await get(`/${job.id.replace('job_', 'resp_')}`)).body).toEqual(job.result);
  });

  test.each([
    [{ inputs: 'x' }, 'unknown_parameter', 'inputs'],
    [{ metadata: { a: 1 } }, 'invalid_type', 'metadata.a'],
    [
      { input: [{ role: 'user', content: [{ type: 'video' }] }] },
      'unsupported_value',
      'input[0].content[0].type',
    ],
    [{ model: 'scripted' }, 'model_not_found', 'model'],
  ])('%j is refused', async (more, code, param) => {
    const answer = await create({ ...ask('x'), ...more });
    expectError(answer, code === 'model_not_found' ? 404 : 400, code, param);
  });

  test.each([
    [{ input: [{ type: 'x' }] }, 'unsupported_value', 'body.input[0].type'],
    [{ previous_response_id: 'resp_0' }, 'previous_response_not_found', 'body.previous_response_id'],
    [{ inputs: 'x' }, 'unknown_parameter', 'body.inputs'],
  ])('as a job, %j is refused where it stands', async (more, code, param) => {
    const body = { url: '/v1/responses', body: { ...ask('x'), ...more } };
    expectError(await call('POST', `${sluice.url}/v1/jobs`, { body, headers }), 400, code, param);
  });

  test.each([
    ['GET', '', 'POST'],
    ['POST', '/resp_0', 'GET, HEAD, DELETE'],
    ['GET', '/resp_0/cancel', 'POST'],
    ['POST', '/resp_0/input_items', 'GET, HEAD'],
  ])('%s %s is not allowed', async (method, path, allowed) => {
    const answer = await call(method, url(path), { headers });
    expectError(answer, 405, 'method_not_allowed', null);
    expect(answer.headers.get('Allow')).toBe(allowed);
  });

  test.each(['limit=0', 'limit=101', 'order=up', 'after=nothing'])('input_items?%s', async (query) => {
    const { body } = await create(ask('x'));
    const answer = await get(`/${body.id}/input_items?${query}`);
    expectError(answer, 400, 'invalid_value', query.split('=')[0] ?? '');
  });
});
