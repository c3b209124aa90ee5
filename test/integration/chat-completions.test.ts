import { describe, expect, test } from 'vitest';
import { type Answer, call } from '../support/api-client.ts';
import { ask, cancel, PROMPT } from '../support/ask.ts';
import { chatSluice } from '../support/chat-sluice.ts';
import { eventually } from '../support/eventually.ts';

const { sluice, job, jobsOf, open } = chatSluice();

const post = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  call('POST', `${sluice.url}/v1/chat/completions`, { body, headers });

/** The data of each event of a stream; the stream has nothing but data. */
async function stream(body: object, headers: Record<string, string> = {}) {
  const response = await open({ ...body, stream: true }, { headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(text).toMatch(/^(data: [^\n]+\n\n)*$/);
  const data = text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => frame.slice('data: '.length));
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
  const chunks: any[] = data.filter((each) => each !== '[DONE]').map((each) => JSON.parse(each));
  const content = chunks.map(({ choices }) => choices?.[0]?.delta.content ?? '').join('');
  return { headers: response.headers, data, chunks, content };
}

describe('whole', () => {
  test('the answer is OpenAI’s object, and its job can be looked at', async () => {
    const answer = await post(ask({ text: 'one two' }, { model: 'scripted/echo' }));
    const id = answer.headers.get('x-sluice-job-id');
    expect(answer.status).toBe(200);
    expect(id).toMatch(/^job_/);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(answer.body).toEqual({
      id: `chatcmpl-${id?.slice(4)}`,
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'scripted/echo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'one two', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
    expect(await job(id)).toMatchObject({ status: 'completed', result: answer.body, custom_id: null });
  });

  test('tool calls have no content', async () => {
    const answer = await post(ask({ tool_calls: [{ id: 'call_1', name: 'f', arguments: { a: 1 } }] }));
    expect(answer.body.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]);
  });

  test('a failed attempt before the good one is not seen', async () => {
    const answer = await post(ask({ text: 'fine', fail_attempts: 1 }));
    expect([answer.status, answer.body.choices[0].message.content]).toEqual([200, 'fine']);
    const { attempts } = await job(answer.headers.get('x-sluice-job-id'));
    expect(attempts).toMatchObject([{ status: 'failed' }, { status: 'completed' }]);
  });

  test.each([
    [429, 'rate_limit_error', 'rate_limit_exceeded'],
    [400, 'invalid_request_error', 'upstream_bad_request'],
    [503, 'server_error', 'upstream_overloaded'],
    [500, 'server_error', 'upstream_error'],
  ])(
    'an upstream that answers %i makes it fail, and clients need not repeat it',
    async (status, type, code) => {
      const answer = await post(ask({ error_status: status }));
      expect(answer.status).toBe(status === 500 ? 502 : status);
      expect(answer.headers.get('x-should-retry')).toBe('false');
      expect(answer.body).toEqual({ error: { message: expect.any(String), type, param: null, code } });
      const { error, attempts } = await job(answer.headers.get('x-sluice-job-id'));
      expect(error).toEqual(answer.body.error);
      expect(attempts).toHaveLength(status === 400 ? 1 : 2);
    },
  );

  test('one that somebody cancels is answered so', async () => {
    const answering = post(ask({ hang_after: 1 }, { model: 'scripted/echo?deltas=1' }));
    const [{ id }] = await eventually('the job', async () => {
      const found = await jobsOf('scripted/echo?deltas=1');
      return found.length > 0 && found;
    });
    await cancel(sluice.url, id);
    const answer = await answering;
    expect([answer.status, answer.body.error.code]).toEqual([409, 'job_cancelled']);
  });

  test('Prefer: respond-async is answered as a job is', async () => {
    const answer = await post(ask({ hang_after: 1 }), { Prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    const { id } = answer.body;
    expect(answer.body).toMatchObject({ object: 'job', url: '/v1/chat/completions' });
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await cancel(sluice.url, id)).body.status).toBe('cancelled');
    const settled = await post(ask('now'), { Prefer: 'respond-async, wait=60' });
    expect([settled.status, settled.body.status]).toEqual([200, 'completed']);
    expect(settled.body.result.choices[0].message.content).toBe('now');
  });
});

describe('streamed', () => {
  test('the chunks are OpenAI’s, then [DONE]', async () => {
    const { headers, data, chunks, content } = await stream(ask({ text: 'one two' }));
    const id = headers.get('x-sluice-job-id');
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    const envelope = {
      id: `chatcmpl-${id?.slice(4)}`,
      object: 'chat.completion.chunk',
      created: (await job(id)).created_at,
      model: 'scripted/echo',
    };
    const choice = { index: 0, logprobs: null, finish_reason: null };
    expect(chunks).toEqual([
      { ...envelope, choices: [{ ...choice, delta: { role: 'assistant', content: '', refusal: null } }] },
      { ...envelope, choices: [{ ...choice, delta: { content: 'one ' } }] },
      { ...envelope, choices: [{ ...choice, delta: { content: 'two' } }] },
      { ...envelope, choices: [{ ...choice, delta: {}, finish_reason: 'stop' }] },
    ]);
    expect(content).toBe('one two');
    expect(data.at(-1)).toBe('[DONE]');
  });

  test('usage comes last where it was asked for, and is null before', async () => {
    const options = { stream_options: { include_usage: true } };
    const { data, chunks } = await stream(ask({ text: 'one two' }, options));
    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      null,
      null,
      { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    ]);
    expect(chunks.at(-1).choices).toEqual([]);
    expect(data.at(-1)).toBe('[DONE]');
  });

  test('a failed attempt without text is not seen', async () => {
    const { data, content } = await stream(ask({ text: 'fine', fail_attempts: 1 }));
    expect(content).toBe('fine');
    expect(data.at(-1)).toBe('[DONE]');
  });

  test('text that cannot go on ends in an error, while its job goes on', async () => {
    const options = { text: 'one two three', hang_after: 2, fail_attempts: 1 };
    const { headers, data, chunks, content } = await stream(ask(options, { model: 'impatient' }));
    const id = headers.get('x-sluice-job-id');
    expect(content).toBe('one two ');
    expect(data.at(-1)).not.toBe('[DONE]');
    expect(chunks.at(-1)).toEqual({
      error: {
        message: expect.stringContaining(`GET /v1/jobs/${id}`),
        type: 'server_error',
        param: null,
        code: 'attempt_interrupted',
      },
    });
    const settled = await job(id, '?wait=60');
    expect(settled).toMatchObject({ status: 'completed', attempts: [{}, {}] });
    expect(settled.result.choices[0].message.content).toBe('one two three');
  });

  test('a failure after text comes in-band, without [DONE]', async () => {
    const { headers, data, chunks, content } = await stream(
      ask({ text: 'one two three', error_after: 2, error_status: 400 }),
    );
    expect(content).toBe('one two ');
    const { error } = await job(headers.get('x-sluice-job-id'));
    expect(chunks.at(-1)).toEqual({ error });
    expect(error.code).toBe('upstream_bad_request');
    expect(data).not.toContain('[DONE]');
  });

  test('a failure before text has the status of its own', async () => {
    const answer = await post({ ...ask({ error_status: 429 }), stream: true });
    expect([answer.status, answer.body.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBeNull();
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  test('a stream that has to wait has its status meanwhile, and then its error in-band', async () => {
    const response = await open({ ...ask({ hang_after: 0 }), stream: true });
    // The status is here although nothing can have been said: the job hangs.
    expect(response.status).toBe(200);
    await cancel(sluice.url, response.headers.get('x-sluice-job-id') ?? '');
    expect(await response.text()).toMatch(/^data: \{"error":\{[^\n]*"code":"job_cancelled"\}\}\n\n$/);
  });
});

describe('Idempotency-Key', () => {
  test('the same request again has the same answer, whole', async () => {
    const headers = { 'Idempotency-Key': 'whole' };
    const first = await post(ask(`once ${PROMPT}`), headers);
    const again = await post(ask(`once ${PROMPT}`), { 'Idempotency-Key': '"whole"' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const other = await post(ask('other'), headers);
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('and streamed, even after the log has expired', async () => {
    const headers = { 'Idempotency-Key': 'streamed' };
    const body = ask('one two three', { stream_options: { include_usage: true } });
    const first = await stream(body, headers);
    const again = await stream(body, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.data).toEqual(first.data);
    const id = first.headers.get('x-sluice-job-id');
    expect(await sluice.redis.del(`sluice:{${id}}:log`)).toBe(1);
    const late = await stream(body, headers);
    expect(late.content).toBe('one two three');
    expect(late.data.at(-1)).toBe('[DONE]');
    expect(late.chunks.at(-1).usage).toEqual(first.chunks.at(-1).usage);
  });
});
