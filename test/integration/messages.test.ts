import { describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { chatSluice } from '../support/chat-sluice.ts';

const { sluice, job } = chatSluice();

const ask = (mock_response: unknown, changes: object = {}) => ({
  model: 'scripted/echo',
  max_tokens: 100,
  messages: [{ role: 'user', content: PROMPT }],
  mock_response,
  ...changes,
});

const post = (body: object, headers: Record<string, string> = {}) =>
  call('POST', `${sluice.url}/v1/messages`, { body, headers });

/** The bytes of a stream. */
async function stream(mock_response: unknown, headers: Record<string, string> = {}, model = 'scripted/echo') {
  const response = await fetch(`${sluice.url}/v1/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(ask(mock_response, { stream: true, model })),
  });
  return { status: response.status, headers: response.headers, bytes: await response.text() };
}

const namesOf = (bytes: string) => [...bytes.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);

describe('a stream', () => {
  const whole = ['message_start', 'content_block_start', 'content_block_delta', 'content_block_delta'];
  const end = ['content_block_stop', 'message_delta', 'message_stop'];

  test('is one of events', async () => {
    const { headers, bytes } = await stream('one two');
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('request-id')).toBe(headers.get('x-request-id'));
    expect(namesOf(bytes)).toEqual([...whole, ...end]);
  });

  test('shows nothing of an attempt that failed before its first word', async () => {
    const { headers, bytes } = await stream({ text: 'one two', fail_attempts: 1 });
    expect(namesOf(bytes)).toEqual([...whole, ...end]);
    expect((await job(headers.get('x-sluice-job-id'))).attempts).toHaveLength(2);
  });

  test('ends in an error where an attempt ends behind words, while the job goes on', async () => {
    const { headers, bytes } = await stream(
      { text: 'one two three', hang_after: 2, fail_attempts: 1 },
      {},
      'impatient',
    );
    expect(namesOf(bytes)).toEqual([...whole, 'error']);
    const id = headers.get('x-sluice-job-id');
    expect(bytes).toContain(`"type":"api_error","message":"The attempt that produced this text ended early`);
    expect(bytes).toContain(`GET /v1/jobs/${id}`);
  });

  test('is the same bytes again under its Idempotency-Key', async () => {
    const once = { 'Idempotency-Key': 'again' };
    const first = await stream({ reasoning: 'hm', text: 'one' }, once);
    const second = await stream({ reasoning: 'hm', text: 'one' }, once);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.bytes).toBe(first.bytes);
  });
});

test('a message is its job’s result, in this shape', async () => {
  const { body, headers } = await post(ask('one two'));
  expect(body.id).toBe(`msg_${headers.get('x-sluice-job-id')?.slice('job_'.length)}`);
  expect((await job(headers.get('x-sluice-job-id'))).result).toEqual(body);
});

test('a request may be submitted as a job', async () => {
  const id = await submit(sluice.url, ask('one two'), { url: '/v1/messages' });
  const { result, url } = await job(id, '?wait=60');
  expect(url).toBe('/v1/messages');
  expect(result).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'one two' }] });
  const bad = { url: '/v1/messages', body: ask('one', { max_tokens: 0 }) };
  const refused = await call('POST', `${sluice.url}/v1/jobs`, { body: bad });
  expect(refused.body.error).toMatchObject({ code: 'integer_below_min_value', param: 'body.max_tokens' });
  const odd = {
    url: '/v1/messages',
    body: ask('one', { messages: [{ role: 'user', content: [{ type: 'x' }] }] }),
  };
  const also = await call('POST', `${sluice.url}/v1/jobs`, { body: odd });
  expect(also.body.error).toMatchObject({ param: 'body.messages[0].content[0].type' });
});

test('an answer that comes later is asked for in the ways of jobs', async () => {
  const answer = await post(ask('one'), { Prefer: 'respond-async, wait=30' });
  expect([answer.status, answer.body]).toMatchObject([200, { object: 'job', result: { type: 'message' } }]);
});
