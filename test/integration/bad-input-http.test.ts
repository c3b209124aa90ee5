import { describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { expectError, expectNoJobs } from '../support/expect-error.ts';
import { rawHttp } from '../support/raw-http.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();

const NOBODY = 'job_00000000000000000000000000000000';

/** A request that is written by hand, so that nothing makes it valid. */
async function raw(request: string) {
  const answer = await rawHttp(sluice.url, request);
  return { ...answer, error: answer.body === '' ? null : JSON.parse(answer.body).error };
}

describe('ids', () => {
  const paths = (id: string): [string, string][] => [
    ['GET', `/v1/jobs/${id}`],
    ['GET', `/v1/jobs/${id}/events`],
    ['GET', `/v1/jobs/${id}/result`],
    ['POST', `/v1/jobs/${id}/cancel`],
    ['DELETE', `/v1/jobs/${id}`],
  ];

  test.each([
    NOBODY,
    NOBODY.toUpperCase(),
    `${NOBODY}0`,
    'job_',
    'nothing',
    '1',
    '__proto__',
    '%00',
    '%2e%2e%2f%2e%2e',
    'a%2Fb',
    '*',
    '%7Bjob%7D%3Alog',
    '%F0%9F%99%82',
    'x'.repeat(4000),
  ])('%s is nobody’s', async (id) => {
    for (const [method, path] of paths(id)) {
      const answer = await call(method, `${sluice.url}${path}`);
      const name = decodeURIComponent(id).slice(0, 64);
      expectError(answer, 404, 'job_not_found', 'id', `There is no job '${name}', or it has expired.`);
    }
  });

  test.each(['%zz', '%', '%E0%A4%A', '%c0%af'])('%s is not an address', async (id) => {
    for (const [method, path] of [...paths(id), ['GET', `/v1/models/${id}`] as const]) {
      expectError(await call(method, `${sluice.url}${path}`), 400, 'invalid_value', null);
    }
  });
});

describe('parameters', () => {
  test.each([
    ['/v1/jobs', 'limit', ['0', '101', '-1', '1.5', 'all', '', ' 5', '1e1', '0x10', '9'.repeat(30)]],
    ['/v1/jobs', 'status', ['done', '', 'COMPLETED', 'completed,failed']],
    ['/v1/jobs', 'after', ['x', '', '1-0', `${NOBODY}0`]],
  ])('%s?%s= takes none of %j', async (path, param, values) => {
    for (const value of values) {
      const answer = await call('GET', `${sluice.url}${path}?${param}=${encodeURIComponent(value)}`);
      expectError(answer, 400, 'invalid_value', param);
    }
    const twice = await call('GET', `${sluice.url}${path}?${param}=${values[0]}&${param}=${values[0]}`);
    expectError(twice, 400, 'invalid_value', param);
  });

  test('messages of refused parameters say what would be right', async () => {
    const message = async (query: string) =>
      (await call('GET', `${sluice.url}/v1/jobs?${query}`)).body.error.message;
    expect(await message('limit=0')).toBe(
      "Invalid value for 'limit': expected a whole number from 1 to 100.",
    );
    expect(await message('after=x')).toBe("Invalid value for 'after': expected the id of a job.");
    expect(await message('status=x')).toBe(
      "Invalid value for 'status': expected one of queued, in_progress, completed, failed, cancelled, expired.",
    );
  });
});

describe('methods', () => {
  test.each([
    ['PUT', '/v1/jobs', 'GET, HEAD, POST'],
    ['DELETE', '/v1/jobs', 'GET, HEAD, POST'],
    ['POST', `/v1/jobs/${NOBODY}`, 'GET, HEAD, DELETE'],
    ['PATCH', `/v1/jobs/${NOBODY}`, 'GET, HEAD, DELETE'],
    ['POST', `/v1/jobs/${NOBODY}/events`, 'GET, HEAD'],
    ['DELETE', `/v1/jobs/${NOBODY}/result`, 'GET, HEAD'],
    ['GET', `/v1/jobs/${NOBODY}/cancel`, 'POST'],
    ['PUT', '/v1/chat/completions', 'GET, HEAD, POST'],
    ['PATCH', '/v1/chat/completions/chatcmpl-1', 'GET, HEAD, POST, DELETE'],
    ['POST', '/v1/chat/completions/chatcmpl-1/messages', 'GET, HEAD'],
    ['GET', '/v1/completions', 'POST'],
    ['GET', '/v1/embeddings', 'POST'],
    ['PUT', '/v1/models', 'GET, HEAD'],
    ['POST', '/v1/models/scripted/echo', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
  ])('%s %s is not allowed', async (method, path, allowed) => {
    const answer = await call(method, `${sluice.url}${path}`);
    const message = `${method} is not allowed on ${path}; use ${allowed}.`;
    expectError(answer, 405, 'method_not_allowed', null, message);
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  test.each([
    ['/v1/jobs', 'GET, HEAD, POST'],
    ['/v1/chat/completions', 'GET, HEAD, POST'],
    [`/v1/jobs/${NOBODY}`, 'GET, HEAD, DELETE'],
    [`/v1/responses/resp_1/cancel`, 'POST'],
    ['/v1/models/scripted/echo', 'GET, HEAD'],
  ])('OPTIONS names what %s allows: %s', async (path, allowed) => {
    const answer = await call('OPTIONS', `${sluice.url}${path}`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, allowed]);
  });

  test.each(['/', '/v1', '/v1/', '/v1/moderations', '/v1/jobs/a/b', '/favicon.ico', '/v1//jobs', '/admin'])(
    'GET %s is nowhere',
    async (path) => {
      const answer = await call('GET', `${sluice.url}${path}`);
      expectError(answer, 404, 'unknown_url', null, `Unknown request URL: GET ${path}.`);
    },
  );

  test('a name that no request could have is no model', async () => {
    const answer = await call('GET', `${sluice.url}/v1/models/scripted/${'x'.repeat(10_000)}`);
    const message = `The model 'scripted/${'x'.repeat(503)}' does not exist.`;
    expectError(answer, 404, 'model_not_found', 'model', message);
  });

  test('HEAD is GET without a body', async () => {
    for (const path of ['/v1/jobs', '/v1/models', '/health/live', '/metrics']) {
      const [head, get] = await Promise.all(
        ['HEAD', 'GET'].map((method) => fetch(`${sluice.url}${path}`, { method })),
      );
      expect([path, head?.status]).toEqual([path, get?.status]);
      expect(head?.headers.get('content-type')).toBe(get?.headers.get('content-type'));
      expect(await head?.text()).toBe('');
    }
    const missing = await fetch(`${sluice.url}/v1/jobs/${NOBODY}`, { method: 'HEAD' });
    expect([missing.status, await missing.text()]).toEqual([404, '']);
    expect((await fetch(`${sluice.url}/v1/jobs/${NOBODY}/cancel`, { method: 'HEAD' })).status).toBe(405);
  });

  test('OPTIONS names the methods, and lets no web page in', async () => {
    const headers = {
      Origin: 'https://elsewhere.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    };
    const response = await fetch(`${sluice.url}/v1/jobs`, { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expectError(await call('OPTIONS', `${sluice.url}/nowhere`), 404, 'unknown_url', null);
  });
});

describe('what is hardly HTTP', () => {
  const tooLarge = {
    message: 'The URL and the headers are larger than the limit of 16384 bytes.',
    type: 'invalid_request_error',
    param: null,
    code: 'request_too_large',
  };

  test.each([
    ['one huge header', `GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX-Huge: ${'x'.repeat(20_000)}\r\n\r\n`],
    [
      'a flood of headers',
      `GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\n${Array.from({ length: 5000 }, (_, i) => `x-${i}: y\r\n`).join('')}\r\n`,
    ],
    ['a huge URL', `GET /v1/jobs?x=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['a huge cookie without an end', `GET / HTTP/1.1\r\nCookie: ${'x'.repeat(100_000)}`],
  ])('%s is too large', async (_, request) => {
    const answer = await raw(request);
    expect(answer.status).toBe(431);
    expect(answer.error).toEqual(tooLarge);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
      connection: 'close',
    });
  });

  test.each([
    ['no HTTP at all', 'hello there\r\n\r\n'],
    ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n'],
    [
      'two lengths',
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header with a line break', 'GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n'],
  ])('%s is not valid', async (_, request) => {
    const answer = await raw(request);
    expect([answer.status, answer.error.code]).toEqual([400, 'invalid_value']);
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
  });

  test('no Host is refused, and an unknown expectation is ignored', async () => {
    const hostless = await raw('GET /v1/jobs HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect([hostless.status, hostless.error.code]).toEqual([400, 'invalid_value']);
    const expecting = await raw(
      'GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
    );
    expect(expecting.status).toBe(200);
  });

  test('a chunked body over the limit, or broken, is refused', async () => {
    const head =
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n';
    const broken = await raw(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`);
    expect([broken.status, broken.error.code]).toEqual([400, 'invalid_value']);
    const chunk = `${(1024 * 1024).toString(16)}\r\n${' '.repeat(1024 * 1024)}\r\n`;
    const large = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`);
    expect([large.status, large.error.code]).toEqual([413, 'request_too_large']);
  });
});

test('none of this has made a job', async () => {
  await expectNoJobs(sluice.url);
});
