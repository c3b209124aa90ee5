import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Answer, call } from '../support/api-client.ts';
import { expectError, expectNoJobs } from '../support/expect-error.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const LIMIT = 20_000;

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { max_request_bytes: LIMIT, job_timeout: 3600 },
  },
});

const post = (path: string, raw: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<Answer> =>
  call('POST', `${sluice.url}${path}`, { raw, headers });

const good = { model: 'scripted/echo', messages: [{ role: 'user', content: 'hi' }] };

describe('a job', () => {
  const known = 'url, body, custom_id, metadata, priority, delay, timeout, webhook';
  const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '']));

  test.each<[object, string, string | null, string]>([
    [
      { prioriti: 1 },
      'unknown_parameter',
      'prioriti',
      "Unknown parameter: 'prioriti'. Did you mean 'priority'?",
    ],
    [
      { customId: 'x' },
      'unknown_parameter',
      'customId',
      "Unknown parameter: 'customId'. Did you mean 'custom_id'?",
    ],
    [{ colour: 1 }, 'unknown_parameter', 'colour', `Unknown parameter: 'colour'. Known here: ${known}.`],
    [{ model: 'gpt-4o' }, 'unknown_parameter', 'model', `Unknown parameter: 'model'. Known here: ${known}.`],
    [
      { url: '/v1/moderations' },
      'invalid_value',
      'url',
      "Invalid value: '/v1/moderations'. Supported values are: '/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/messages', and '/v1/embeddings'.",
    ],
    [
      { priority: 'high' },
      'invalid_type',
      'priority',
      "Invalid type for 'priority': expected an integer, but got a string instead.",
    ],
    [
      { priority: -1 },
      'integer_below_min_value',
      'priority',
      "Invalid 'priority': integer below minimum value. Expected a value >= 0, but got -1 instead.",
    ],
    [
      { priority: 2_097_152 },
      'integer_above_max_value',
      'priority',
      "Invalid 'priority': integer above maximum value. Expected a value <= 2097151, but got 2097152 instead.",
    ],
    [
      { delay: -1 },
      'decimal_below_min_value',
      'delay',
      "Invalid 'delay': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
    ],
    [
      { delay: 1e300 },
      'decimal_above_max_value',
      'delay',
      "Invalid 'delay': decimal above maximum value. Expected a value <= 3600, but got 1e+300 instead.",
    ],
    [
      { timeout: 0 },
      'decimal_below_min_value',
      'timeout',
      "Invalid 'timeout': decimal below minimum value. Expected a value > 0, but got 0 instead.",
    ],
    [
      { custom_id: '' },
      'empty_string',
      'custom_id',
      "Invalid 'custom_id': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ],
    [
      { custom_id: 'half \ud83d' },
      'invalid_value',
      'custom_id',
      "Invalid 'custom_id': it has half of a surrogate pair, which is no character.",
    ],
    [
      { metadata: ['a'] },
      'invalid_type',
      'metadata',
      "Invalid type for 'metadata': expected an object, but got an array instead.",
    ],
    [
      { metadata: { a: 1 } },
      'invalid_type',
      'metadata.a',
      "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    ],
    [
      { metadata: { a: 'x'.repeat(513) } },
      'string_above_max_length',
      'metadata.a',
      "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
    ],
    [
      { metadata: { '': 'x' } },
      'invalid_value',
      'metadata',
      "Invalid 'metadata': names must have 1 to 64 characters.",
    ],
    [
      { metadata: pairs(17) },
      'object_above_max_properties',
      'metadata',
      "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
    ],
    [
      { body: 'hi' },
      'invalid_type',
      'body',
      "Invalid type for 'body': expected an object, but got a string instead.",
    ],
  ])('%j is refused', async (options, code, param, message) => {
    const answer = await post('/v1/jobs', JSON.stringify({ body: good, ...options }));
    expectError(answer, 400, code, param, message);
  });

  test('a misspelt body is called so, not only missing', async () => {
    const answer = await post('/v1/jobs', JSON.stringify({ boddy: good }));
    expectError(
      answer,
      400,
      'unknown_parameter',
      'boddy',
      "Unknown parameter: 'boddy'. Did you mean 'body'?",
    );
    expectError(await post('/v1/jobs', '{}'), 400, 'missing_required_parameter', 'body');
  });

  test('keys of prototypes are unknown parameters like any other', async () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const answer = await post('/v1/jobs', `{"body":${JSON.stringify(good)},"${key}":{"priority":1}}`);
      expectError(answer, 400, 'unknown_parameter', key);
    }
  });
});

describe.each(['/v1/jobs', '/v1/chat/completions'])('the body of POST %s', (path) => {
  test.each(['{', '', ' ', '{"a":1}}', "{'a':1}", '{"a":NaN}', '\ufeff{}{', '{"a":"\n"}'])(
    'is not JSON: %j',
    async (text) => {
      const answer = await post(path, text);
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toMatch(/^(invalid_json|missing_required_parameter)$/);
      if (text.trim() !== '')
        expectError(answer, 400, 'invalid_json', null, 'The request body is not valid JSON.');
    },
  );

  test.each(['[]', '"text"', '5', 'null', 'true'])('is not an object: %s', async (text) => {
    expectError(
      await post(path, text),
      400,
      'invalid_value',
      null,
      'The request body must be a JSON object.',
    );
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/problem+json',
    'nonsense',
    'application/json; charset=latin1',
    'application/json; charset=utf-9',
  ])('has another type: %s', async (type) => {
    const answer = await post(path, JSON.stringify(good), { 'Content-Type': type });
    expectError(answer, 415, 'unsupported_media_type', null);
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset="UTF-8"; x=1'])(
    'may say its type as %s',
    async (type) => {
      const answer = await post(path, '{"nothing":1}', { 'Content-Type': type });
      expect([answer.status, answer.body.error.code]).not.toContain('unsupported_media_type');
      expect(answer.status).toBe(400);
    },
  );

  test('is compressed in a way that is unknown, or broken', async () => {
    const unknown = await post(path, '{}', { 'Content-Encoding': 'lzma' });
    expectError(unknown, 415, 'unsupported_media_type', null);
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
      expectError(await post(path, '{}', { 'Content-Encoding': encoding }), 400, 'invalid_value', null);
    }
  });

  test('is as large as allowed, or larger by one byte', async () => {
    const text = (bytes: number): string => `{"nothing":"${'x'.repeat(bytes - 14)}"}`;
    expect((await post(path, text(LIMIT))).status).toBe(400);
    const answer = await post(path, text(LIMIT + 1));
    const message = 'The request body is larger than the limit of 20000 bytes.';
    expectError(answer, 413, 'request_too_large', null, message);
  });

  test('is large once it is decompressed', async () => {
    const text = `{"nothing":"${'x'.repeat(30_000_000)}"}`;
    for (const [encoding, bytes] of [
      ['gzip', gzipSync(text)],
      ['br', brotliCompressSync(text)],
    ] as const) {
      expect(bytes.length).toBeLessThan(40_000);
      const answer = await post(path, new Uint8Array(bytes), { 'Content-Encoding': encoding });
      expectError(answer, 413, 'request_too_large', null);
    }
  });

  test.each(['[', '{"a":'])('is nested without end: %s…', async (opening) => {
    const closing = opening === '[' ? ']' : '}';
    const depth = 3000;
    const text = `{"body":${opening.repeat(depth)}0${closing.repeat(depth)}}`;
    const message = 'The request body is nested more than 64 levels deep.';
    expectError(await post(path, text), 400, 'invalid_value', null, message);
  });

  test.each(['', '""', 'ключ', 'x'.repeat(256)])('has an Idempotency-Key that is none: %j', async (key) => {
    // Header values are bytes; fetch takes them as Latin-1.
    const value = Buffer.from(key, 'utf8').toString('latin1');
    const body = path === '/v1/jobs' ? { body: good } : good;
    const answer = await post(path, JSON.stringify(body), { 'Idempotency-Key': value });
    const message = 'Invalid Idempotency-Key: send 1 to 255 printable ASCII characters, quoted or bare.';
    expectError(answer, 400, 'invalid_value', 'Idempotency-Key', message);
  });
});

test('none of this has made a job', async () => {
  await expectNoJobs(sluice.url);
});
