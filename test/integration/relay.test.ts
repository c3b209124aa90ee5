import { expect, test } from 'vitest';
import { Sluice } from '../../src/client/index.ts';
import { createRelay } from '../../src/client/relay.ts';
import { ask } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { keyedSluice } from '../support/keyed-sluice.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const { sluice, apiKey, job, jobCount } = await keyedSluice(() => []);
const AT = 'http://app.example/api/sluice';

const relayTo = (options: object = {}) =>
  createRelay({ baseURL: sluice.url, apiKey, authorize: 'everybody', ...options });

/** A client of the relay, without a network between. */
function clientOf(relay: (request: Request) => Promise<Response>): Sluice {
  return new Sluice({ baseURL: AT, apiKey: null, fetch: (url, init) => relay(new Request(url, init)) });
}

test('a client works through the relay without the key', async () => {
  const client = clientOf(relayTo());
  const submitted = await client.jobs.submit({ body: ask('one two three') as never });
  const texts: string[] = [];
  for await (const { text } of submitted.stream()) texts.push(text);
  expect(texts.join('')).toBe('one two three');
  const result = await submitted.result();
  expect(result.choices[0]?.message.content).toBe('one two three');
});

test('cancelling goes through', async () => {
  const client = clientOf(relayTo());
  const submitted = await client.jobs.submit({ body: ask({ text: 'one two', hang_after: 1 }) as never });
  await submitted.cancel();
  expect((await job(submitted.id)).status).toBe('cancelled');
});

test('the same idempotency key makes the same job', async () => {
  const client = clientOf(relayTo());
  const [one, other] = await Promise.all(
    [1, 2].map(() => client.jobs.submit({ body: ask() as never }, { idempotencyKey: 'relayed-once' })),
  );
  expect(one?.id).toBe(other?.id);
});

test('a stream that is left leaves Sluice, too, and can be gone on with', async () => {
  const relay = relayTo();
  const { id } = await clientOf(relay).jobs.submit({
    body: ask({ text: 'one two three', hang_after: 2 }) as never,
  });
  const metric = async () => {
    const headers = { Authorization: `Bearer ${apiKey}` };
    const text = await (await fetch(`${sluice.url}/metrics`, { headers })).text();
    return Number(/^sluice_sse_readers (\d+)/m.exec(text)?.[1]);
  };
  const before = await metric();
  const leaving = new AbortController();
  const response = await relay(new Request(`${AT}/v1/jobs/${id}/events`, { signal: leaving.signal }));
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('cache-control')).toContain('no-transform');
  const reading = response.text();
  await eventually('a reader', async () => (await metric()) === before + 1);
  leaving.abort();
  await reading;
  await eventually('no reader', async () => (await metric()) === before);
  const resumed = await relay(
    new Request(`${AT}/v1/jobs/${id}/events`, { headers: { 'Last-Event-ID': '1-2' } }),
  );
  const reader = resumed.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  expect(/^id: (.*)$/m.exec(new TextDecoder().decode(value))?.[1]).toBe('1-3');
  await reader?.cancel();
  await clientOf(relay).jobs.cancel(id);
});

test('nothing else of the browser goes on, and nothing else of the server comes back', async () => {
  const upstream = await UpstreamServer.start();
  try {
    upstream.script({ status: 200, headers: { 'set-cookie': 'a=b', 'x-request-id': 'r' }, steps: ['{}'] });
    const relay = createRelay({ baseURL: upstream.url, apiKey: 'sk-app', authorize: 'everybody' });
    const headers = {
      Authorization: 'Bearer of-the-browser',
      Cookie: 'session=1',
      'X-Api-Key': 'of-the-browser',
      'X-Forwarded-For': '10.0.0.1',
      'Idempotency-Key': 'k',
      Prefer: 'wait=5',
      'Content-Type': 'application/json',
    };
    const response = await relay(
      new Request(`${AT}/v1/jobs?wait=1`, { method: 'POST', headers, body: '{"body":{}}' }),
    );
    const sent = await upstream.received(1);
    expect(sent.path).toBe('/v1/jobs?wait=1');
    expect(sent.body).toBe('{"body":{}}');
    expect(sent.headers).toMatchObject({
      authorization: 'Bearer sk-app',
      'idempotency-key': 'k',
      prefer: 'wait=5',
      'content-type': 'application/json',
    });
    for (const name of ['cookie', 'x-api-key', 'x-forwarded-for'])
      expect(sent.headers).not.toHaveProperty(name);
    expect([...response.headers.keys()].sort()).toEqual(['x-request-id']);
  } finally {
    await upstream.stop();
  }
});

test.each([
  ['GET', '/v1/jobs', 405],
  ['DELETE', '/v1/jobs/job_1', 405],
  ['GET', '/v1/jobs/job_1/result', 404],
  ['POST', '/v1/jobs/job_1/retry', 404],
  ['POST', '/v1/chat/completions', 404],
  ['GET', '/v1/jobs/../webhook_endpoints', 404],
  ['GET', '/v1/jobs/%2e%2e/models', 404],
  ['GET', '/v1/jobs/job_1%2Fresult', 404],
  ['GET', '/metrics', 404],
  ['GET', '', 404],
])('%s %s is refused here', async (method, path, status) => {
  let asked = 0;
  const relay = relayTo({
    fetch: () => {
      asked += 1;
      return Promise.resolve(new Response());
    },
  });
  const response = await relay(new Request(AT + path, { method }));
  expect(response.status).toBe(status);
  const code = status === 404 ? 'unknown_url' : 'method_not_allowed';
  expect(await response.json()).toMatchObject({
    error: { code, type: 'invalid_request_error', param: null },
  });
  if (status === 405) expect(response.headers.get('allow')).toBe(path === '/v1/jobs' ? 'POST' : 'GET');
  expect(asked).toBe(0);
});

test.each(['/ai', '/ai/'])('another prefix, %s', async (prefix) => {
  const relay = relayTo({ prefix });
  expect((await relay(new Request('http://app.example/ai/v1/jobs/job_none'))).status).toBe(404);
  const body = await (await relay(new Request('http://app.example/ai/v1/jobs/job_none'))).json();
  expect(body).toMatchObject({ error: { code: 'job_not_found' } });
});

test('authorize refuses, having read the body', async () => {
  const before = await jobCount();
  const relay = relayTo({
    authorize: async (request: Request) => {
      const { body } = (await request.json()) as { body: { model: string } };
      if (body.model !== 'scripted/echo') return new Response('no', { status: 403 });
    },
  });
  const post = (model: string) =>
    relay(
      new Request(`${AT}/v1/jobs`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ body: ask('pong', { model }) }),
      }),
    );
  const refused = await post('scripted/lorem');
  expect([refused.status, await refused.text()]).toEqual([403, 'no']);
  expect(await jobCount()).toBe(before);
  expect((await post('scripted/echo')).status).toBe(202);
  expect(await jobCount()).toBe(before + 1);
});

test('a server out of reach is told without its address, as something to try again', async () => {
  const relay = createRelay({ baseURL: 'http://127.0.0.1:9', apiKey: 'sk-app', authorize: 'everybody' });
  const response = await relay(new Request(`${AT}/v1/jobs/job_1`));
  expect(response.status).toBe(502);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_unreachable' } });
  expect(text).not.toContain('127.0.0.1');
});
