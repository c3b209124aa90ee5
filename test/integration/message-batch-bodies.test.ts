import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_request_bytes: 10_000, max_batch_lines: 50, max_batch_bytes: 100_000 },
  },
});

const one = (custom_id: string, text = 'Go.'): string =>
  JSON.stringify({
    custom_id,
    params: { model: 'scripted/echo', max_tokens: 10, messages: [{ role: 'user', content: text }] },
  });

async function files(): Promise<unknown[]> {
  return (await call('GET', `${sluice.url}/v1/files`)).body.data;
}

test.each([
  ['that ends early', `{"requests": [${one('a')},`, 400, 'invalid_request_error'],
  ['that is no JSON at its end', `{"requests": [${one('a')}, nonsense]}`, 400, 'invalid_request_error'],
  ['that is no object', '[]', 400, 'invalid_request_error'],
  ['without requests', '{"other": []}', 400, 'invalid_request_error'],
  ['whose requests are no list', `{"requests": {"a": ${one('a')}}}`, 400, 'invalid_request_error'],
  [
    'with a request that is too large',
    `{"requests": [${one('a', 'x'.repeat(20_000))}]}`,
    413,
    'request_too_large',
  ],
  [
    'that is too large',
    `{"requests": [${Array.from({ length: 90 }, (_, index) => one(`n${index}`, 'x'.repeat(1200))).join()}]}`,
    413,
    'request_too_large',
  ],
  [
    'with too many requests',
    `{"requests": [${Array.from({ length: 101 }, (_, index) => one(`n${index}`)).join()}]}`,
    400,
    'invalid_request_error',
  ],
])('a body %s is refused, and nothing of it is kept', async (_, raw, status, type) => {
  const answer = await call('POST', `${sluice.url}/v1/messages/batches`, { raw });
  expect([answer.status, answer.body]).toMatchObject([status, { type: 'error', error: { type } }]);
  expect(await files()).toEqual([]);
  const listed = await call('GET', `${sluice.url}/v1/messages/batches`);
  expect(listed.body).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
});

test('a body that only nests is refused before it has filled the memory', async () => {
  const raw = `{"requests": [${'['.repeat(5000)}`;
  const answer = await call('POST', `${sluice.url}/v1/messages/batches`, { raw });
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toContain('nested more than 64 levels deep');
});

test.each([{ 'Content-Type': 'text/plain' }, { 'Content-Encoding': 'gzip' }])(
  '%j is refused',
  async (headers) => {
    const answer = await call('POST', `${sluice.url}/v1/messages/batches`, {
      raw: `{"requests": [${one('a')}]}`,
      headers: headers as unknown as Record<string, string>,
    });
    expect([answer.status, answer.body.error.type]).toEqual([415, 'invalid_request_error']);
  },
);

test('a client that hangs up in the middle leaves nothing', async () => {
  const { port } = new URL(sluice.url);
  const socket = connect(Number(port), '127.0.0.1');
  const begun = `{"requests": [${one('a')},`;
  socket.write(
    `POST /v1/messages/batches HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: 5000\r\n\r\n${begun}`,
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  await eventually('no file', async () => (await files()).length === 0);
});

test('the same request with the same key makes one batch', async () => {
  const raw = `{"requests": [${one('a')}]}`;
  const headers = { 'Idempotency-Key': 'message-batch' };
  const first = await call('POST', `${sluice.url}/v1/messages/batches`, { raw, headers });
  const again = await call('POST', `${sluice.url}/v1/messages/batches`, { raw, headers });
  expect(again.body.id).toBe(first.body.id);
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  const other = await call('POST', `${sluice.url}/v1/messages/batches`, {
    raw: `{"requests": [${one('b')}]}`,
    headers,
  });
  expect(other.status).toBe(422);
  expect(await files()).toHaveLength(1);
});
