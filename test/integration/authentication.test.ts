import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { ask } from '../support/ask.ts';
import { rawHttp } from '../support/raw-http.ts';
import { expectQuietLog, sharedSluice } from '../support/shared-sluice.ts';
import { type SluiceProcess, startSluice } from '../support/sluice-process.ts';

const KEY = 'sk-quetzal-0123456789';

const sluice = sharedSluice({
  env: { SLUICE_MASTER_KEY: KEY, HOST: '0.0.0.0' },
  secrets: [KEY, 'wrong-key'],
});

const NOBODY = 'job_00000000000000000000000000000000';

const ENDPOINTS = [
  ['POST', '/v1/jobs'],
  ['GET', '/v1/jobs'],
  ['GET', `/v1/jobs/${NOBODY}`],
  ['GET', `/v1/jobs/${NOBODY}/events`],
  ['GET', `/v1/jobs/${NOBODY}/result`],
  ['POST', `/v1/jobs/${NOBODY}/cancel`],
  ['DELETE', `/v1/jobs/${NOBODY}`],
  ['POST', '/v1/chat/completions'],
  ['POST', '/v1/completions'],
  ['POST', '/v1/embeddings'],
  ['GET', '/v1/models'],
  ['GET', '/v1/models/scripted/echo'],
  ['GET', '/metrics'],
  ['GET', '/V1/JOBS'],
  ['GET', '/nowhere'],
  ['HEAD', '/v1/jobs'],
  ['OPTIONS', '/v1/jobs'],
] as const;

describe('with a master key', () => {
  test.each(ENDPOINTS)('%s %s is closed to those who have none', async (method, path) => {
    const response = await fetch(`${sluice.url}${path}`, { method });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    if (method === 'HEAD') return;
    expect(await response.json()).toEqual({
      error: {
        message: 'No API key was given. Send the master key in an Authorization header: Bearer YOUR_KEY.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
  });

  test.each([
    { Authorization: 'Bearer wrong-key' },
    { Authorization: `Bearer ${KEY}x` },
    { Authorization: `Bearer ${KEY.slice(0, -1)}` },
    { Authorization: `Bearer ${KEY.toUpperCase()}` },
    { Authorization: `Bearer "${KEY}"` },
    { Authorization: `Bearer ${KEY}, Bearer ${KEY}` },
    { 'x-api-key': 'wrong-key' },
    { Authorization: 'Bearer wrong-key', 'x-api-key': KEY },
  ])('it is not opened by %o', async (headers) => {
    const answer = await call('GET', `${sluice.url}/v1/jobs`, { headers });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toEqual({
      message: 'Incorrect API key. It must be the master key of this Sluice.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    });
  });

  test.each([
    { Authorization: 'Bearer ' },
    { Authorization: 'Bearer' },
    { Authorization: KEY },
    { Authorization: `Basic ${Buffer.from(`user:${KEY}`).toString('base64')}` },
    { Cookie: `Authorization=Bearer ${KEY}` },
  ])('it is not opened by %o, which names none', async (headers) => {
    const answer = await call('GET', `${sluice.url}/v1/jobs?api_key=${KEY}`, { headers });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'invalid_api_key']);
  });

  test.each([
    { Authorization: `Bearer ${KEY}` },
    { Authorization: `bearer   ${KEY}` },
    { 'x-api-key': KEY },
    { 'X-API-Key': KEY, Authorization: 'Basic eDp5' },
  ])('it is opened by %o', async (headers) => {
    expect((await call('GET', `${sluice.url}/v1/jobs`, { headers })).status).toBe(200);
    const answer = await call('POST', `${sluice.url}/v1/chat/completions`, { headers, body: ask('open') });
    expect(answer.body.choices[0].message.content).toBe('open');
  });

  test('health needs no key, and a body is not read without one', async () => {
    expect((await call('GET', `${sluice.url}/health/live`)).status).toBe(200);
    expect((await call('GET', `${sluice.url}/health/ready`)).status).toBe(200);
    const answer = await call('POST', `${sluice.url}/v1/jobs`, { raw: '{' });
    expect(answer.status).toBe(401);
  });

  test('whoever has it may call the server by any name', async () => {
    const answer = await rawHttp(
      sluice.url,
      `GET /v1/models HTTP/1.1\r\nHost: sluice.example\r\nAuthorization: Bearer ${KEY}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.status).toBe(200);
  });
});

describe('without a master key', () => {
  let open: SluiceProcess;
  beforeAll(async () => {
    open = await startSluice({ redisUrl: sluice.redisUrl, role: 'api' });
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
    expectQuietLog(open);
  });

  const as = (host: string) =>
    rawHttp(open.url, `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

  test.each(['localhost', 'LOCALHOST:4000', '127.0.0.1', '127.1.2.3:80', '[::1]', '[::1]:4000'])(
    'it answers to %s, which is this machine',
    async (host) => {
      expect((await as(host)).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example/localhost',
    'localhost@evil.example',
    '169.254.169.254',
    '10.0.0.1',
    '',
  ])('it does not answer to %j, by which a web page could reach it', async (host) => {
    const answer = await as(host);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body).error).toEqual({
      message: `This Sluice has no master key and answers only to loopback names, not to the host '${host}'.`,
      type: 'permission_error',
      param: null,
      code: 'invalid_host',
    });
  });

  test('a key that is sent anyway does not matter', async () => {
    const headers = { Authorization: 'Bearer whatever' };
    expect((await call('GET', `${open.url}/v1/jobs`, { headers })).status).toBe(200);
  });
});
