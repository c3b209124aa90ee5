import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, PROMPT, settledJob } from '../support/ask.ts';
import { type JobEvent, JobReader, readEvents } from '../support/job-reader.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [
      { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
      { model_name: 'impatient', litellm_params: { model: 'scripted/echo', stream_timeout: 0.2 } },
    ],
    router_settings: { num_retries: 1 },
  },
});

const eventsUrl = (id: string): string => `${sluice.url}/v1/jobs/${id}/events`;

function collect(url: string, options: { lastEventId?: string } = {}): Promise<JobEvent[]> {
  return Array.fromAsync(readEvents(url, options));
}

describe('the stream', () => {
  test('is exactly these bytes', async () => {
    const id = await settledJob(sluice.url, ask({ text: 'Hi there' }));
    const { created_at: created, finished_at } = (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;
    const response = await fetch(eventsUrl(id));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('x-sluice-job-id')).toBe(id);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);

    const chunk = (choices: string, usage = 'null'): string =>
      `{"id":"chatcmpl-${id.slice(4)}","object":"chat.completion.chunk","created":${created},` +
      `"model":"scripted/echo","choices":[${choices}],"usage":${usage}}`;
    const choice = (delta: string, finish = 'null'): string =>
      chunk(`{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}`);
    const usage = '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}';
    const sha256 = createHash('sha256').update('Hi there').digest('hex');
    const expected = [
      ['attempt', '1-0', '{"epoch":1,"provider":"scripted","model":"echo"}'],
      ['delta', '1-1', choice('{"role":"assistant","content":"","refusal":null}')],
      ['delta', '1-2', choice('{"content":"Hi "}')],
      ['delta', '1-3', choice('{"content":"there"}')],
      ['delta', '1-4', choice('{}', '"stop"')],
      ['delta', '1-5', chunk('', usage)],
      [
        'completed',
        '1-6',
        `{"status":"completed","usage":${usage},"finish_reason":"stop","error":null,` +
          `"digest":{"deltas":5,"sha256":"${sha256}"},"finished_at":${finished_at}}`,
      ],
    ];
    const frames = expected.map(
      ([event, eventId, data]) => `event: ${event}\nid: ${eventId}\ndata: ${data}\n\n`,
    );
    expect(await response.text()).toBe(frames.join(''));
  });

  test('says the same to readers who join before, while and after it is written', async () => {
    const body = ask({ text: 'a b c d e f g h i j', delay_ms: 20, first_delay_ms: 100 });
    const id = await submit(sluice.url, body);
    const early = Array.from({ length: 5 }, () => collect(eventsUrl(id)));
    const reader = new JobReader(sluice.url, id);
    await reader.connect(({ data }) => data.choices?.[0]?.delta.content === 'e ');
    const during = Array.from({ length: 5 }, () => collect(eventsUrl(id)));
    await reader.follow();
    const whole = reader.events;
    expect(reader.text).toBe('a b c d e f g h i j');
    expect(whole.at(-1)?.event).toBe('completed');
    const after = [collect(eventsUrl(id)), collect(eventsUrl(id))];
    for (const events of await Promise.all([...early, ...during, ...after])) expect(events).toEqual(whole);
  });

  test('can be resumed after every event, and has nothing more after the last', async () => {
    // Without pauses, entries of the log hold many deltas, and most offsets lie inside one.
    const id = await settledJob(sluice.url, ask({}, { model: 'scripted/lorem' }));
    const whole = await collect(eventsUrl(id));
    expect(whole.length).toBeGreaterThan(70);
    for (const [index, event] of whole.entries()) {
      const rest = whole.slice(index + 1);
      expect(await collect(eventsUrl(id), { lastEventId: event.id })).toEqual(rest);
      expect(await collect(`${eventsUrl(id)}?after=${event.id}`)).toEqual(rest);
    }
    expect(await collect(`${eventsUrl(id)}?after=0-0`)).toEqual(whole);
    const last = whole.at(-1)?.id ?? '';
    for (const offset of [last, '1-999999', '2-0', '999999-0']) {
      expect((await fetch(`${eventsUrl(id)}?after=${offset}`)).status).toBe(204);
    }
    // A reconnecting EventSource sends the header to the address that it was once given.
    const both = await collect(`${eventsUrl(id)}?after=0-0`, { lastEventId: whole.at(-2)?.id ?? '' });
    expect(both).toEqual(whole.slice(-1));
  });

  test('has every kind of delta in order', async () => {
    const options = {
      reasoning: 'let me see',
      text: 'so be it',
      tool_calls: [{ name: 'weather', arguments: { city: 'Zürich' } }],
    };
    const id = await submit(sluice.url, ask(options, { n: 2 }));
    const reader = new JobReader(sluice.url, id);
    const end = await reader.follow();
    expect(end.data).toMatchObject({ status: 'completed', finish_reason: 'tool_calls' });
    for (const index of [0, 1]) {
      const choices = reader.events
        .flatMap(({ event, data }) => (event === 'delta' ? data.choices : []))
        .filter((choice) => choice.index === index);
      const joined = (field: string): string => choices.map(({ delta }) => delta[field] ?? '').join('');
      expect(choices[0].delta.role).toBe('assistant');
      expect(joined('reasoning_content')).toBe('let me see');
      expect(joined('content')).toBe('so be it');
      const calls = choices.flatMap(({ delta }) => delta.tool_calls ?? []);
      expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'weather' } });
      expect(calls.map((call) => call.function.arguments).join('')).toBe('{"city":"Zürich"}');
      expect(choices.at(-1)).toMatchObject({ delta: {}, finish_reason: 'tool_calls' });
    }
    const { result } = (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;
    expect(result.choices).toMatchObject([{ index: 0 }, { index: 1 }]);
  });

  test('carries any text unharmed', async () => {
    const text = `🙂 \u{1F468}‍\u{1F469}‍\u{1F467} \ud83d half, \udc00 other half; \u0000 \u2028 \r\n\r\ndata: x\n\nevent: completed\n\n: é ‮ ${PROMPT}`;
    const id = await submit(sluice.url, ask({ text, deltas: 40 }));
    const reader = new JobReader(sluice.url, id);
    await reader.follow();
    expect(reader.text).toBe(text);
    const { result } = (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;
    expect(result.choices[0].message.content).toBe(text);
  });
});

describe('attempts', () => {
  test('a retry is announced and the text begins anew', async () => {
    const options = { text: 'one two three', hang_after: 2, fail_attempts: 1 };
    const id = await submit(sluice.url, ask(options, { model: 'impatient' }));
    const reader = new JobReader(sluice.url, id);
    const end = await reader.follow();
    expect(reader.events.map(({ event, id: offset }) => `${event} ${offset}`)).toEqual([
      'attempt 1-0',
      'delta 1-1',
      'delta 1-2',
      'delta 1-3',
      'retry 1-4',
      'attempt 2-0',
      'delta 2-1',
      'delta 2-2',
      'delta 2-3',
      'delta 2-4',
      'delta 2-5',
      'delta 2-6',
      'completed 2-7',
    ]);
    expect(reader.events[4]?.data).toEqual({
      epoch: 1,
      error: {
        message: 'scripted sent nothing for 0.2 s.',
        type: 'timeout_error',
        param: null,
        code: 'upstream_timeout',
      },
      at: expect.any(Number),
    });
    expect(reader.events[5]?.data).toEqual({ epoch: 2, provider: 'scripted', model: 'echo' });
    expect(reader.text).toBe('one two three');
    const sha256 = createHash('sha256').update('one two three').digest('hex');
    expect(end.data.digest).toEqual({ deltas: 6, sha256 });
  });

  test.each([
    ['failed', { error_after: 2, error_status: 400 }, {}, 'upstream_bad_request'],
    ['expired', { hang_after: 2 }, { timeout: 1 }, 'job_expired'],
    ['cancelled', { hang_after: 2 }, {}, 'job_cancelled'],
  ])('%s: one terminal event, after what had been said', async (status, trouble, options, code) => {
    const id = await submit(sluice.url, ask({ text: 'one two three', ...trouble }), options);
    const reader = new JobReader(sluice.url, id);
    await reader.connect(({ data }) => data.choices?.[0]?.delta.content === 'two ');
    if (status === 'cancelled') await cancel(sluice.url, id);
    const end = await reader.follow();
    const error = { message: expect.any(String), type: expect.any(String), param: null, code };
    expect(end.event).toBe(status);
    expect(end.data).toEqual({
      status,
      usage: expect.objectContaining({ completion_tokens: expect.any(Number), estimated: true }),
      finish_reason: null,
      error,
      digest: { deltas: 3, sha256: createHash('sha256').update('one two ').digest('hex') },
      finished_at: expect.any(Number),
    });
    expect(reader.text).toBe('one two ');
    expect(await collect(eventsUrl(id))).toEqual(reader.events);
  });

  test('a job that never began has its terminal event alone', async () => {
    const id = await submit(sluice.url, ask(), { delay: 3000 });
    const events = collect(eventsUrl(id));
    await cancel(sluice.url, id);
    const sha256 = createHash('sha256').update('').digest('hex');
    expect(await events).toEqual([
      {
        event: 'cancelled',
        id: '0-1',
        data: {
          status: 'cancelled',
          usage: null,
          finish_reason: null,
          error: expect.objectContaining({ code: 'job_cancelled' }),
          digest: { deltas: 0, sha256 },
          finished_at: expect.any(Number),
        },
      },
    ]);
    expect((await fetch(`${eventsUrl(id)}?after=0-1`)).status).toBe(204);
  });
});
