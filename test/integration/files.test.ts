import { describe, expect, test } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { call } from '../support/api-client.ts';
import { expectError } from '../support/expect-error.ts';
import { textFile as file, filesSluice, MAX_BATCH, MAX_FILE } from '../support/files-sluice.ts';
import { rawHttp } from '../support/raw-http.ts';
import { LAST_BOUNDARY, rawForm, rawPart } from '../support/send-form.ts';

const { sluice, url, upload, create, onDisk } = filesSluice();

describe('POST /v1/files', () => {
  test('keeps a file', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, body, headers } = await upload(
      ['purpose', 'user_data'],
      ['file', file('some text', 'a.txt')],
    );
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(body).toEqual({
      id: expect.stringMatching(/^file-[0-9a-f]{32}$/),
      object: 'file',
      bytes: 9,
      created_at: expect.any(Number),
      filename: 'a.txt',
      purpose: 'user_data',
      status: 'processed',
    });
    expect(body.created_at).toBeGreaterThanOrEqual(before);
    const content = await fetch(`${url()}/${body.id}/content`);
    expect(await content.text()).toBe('some text');
    expect((await call('GET', `${url()}/${body.id}`)).body).toEqual(body);
  });

  test('takes the purpose after the file, and an empty file', async () => {
    const { status, body } = await upload(['file', file('', 'empty.JSONL')], ['purpose', 'batch']);
    expect([status, body.bytes, body.purpose]).toEqual([200, 0, 'batch']);
    expect(await (await fetch(`${url()}/${body.id}/content`)).text()).toBe('');
  });

  test('keeps files for batches for 30 days, others until they are deleted, and any as long as is said', async () => {
    const batch = await create('{}', 'x.jsonl', 'batch');
    expect(batch.expires_at - batch.created_at).toBe(2_592_000);
    expect(await create('x')).not.toHaveProperty('expires_at');
    for (const purpose of ['batch', 'evals']) {
      const { body } = await upload(
        ['file', file('{}')],
        ['expires_after[anchor]', 'created_at'],
        ['expires_after[seconds]', '3600'],
        ['purpose', purpose],
      );
      expect(body.expires_at - body.created_at).toBe(3600);
    }
  });

  test('keeps the name that it was given, without folders', async () => {
    const raw = await rawHttp(
      url(),
      rawForm(
        url(),
        rawPart('name="purpose"', 'evals') +
          rawPart('name="file"; filename="C:\\\\up/../naïve ☃.txt"', 'x') +
          LAST_BOUNDARY,
      ),
    );
    expect([raw.status, JSON.parse(raw.body).filename]).toEqual([200, 'naïve ☃.txt']);
  });

  test('takes files up to the limit of their purpose', async () => {
    const most = await create('x'.repeat(MAX_FILE));
    expect(most.bytes).toBe(MAX_FILE);
    const batch = await create('x'.repeat(MAX_BATCH), 'x.jsonl', 'batch');
    expect(batch.bytes).toBe(MAX_BATCH);
  });
});

describe('GET /v1/files/{id}/content', () => {
  const text = 'ä'.repeat(50_000);
  const content = async (id: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${url()}/${id}/content`, { headers, method });

  test('sends the bytes so that no browser shows or runs them', async () => {
    const { id } = await create(text, 'a page; ☃.html');
    const answer = await content(id);
    expect(await answer.text()).toBe(text);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '100000',
      'content-disposition':
        'attachment; filename="a page; ?.html"; filename*=UTF-8\'\'a%20page%3B%20%E2%98%83.html',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'accept-ranges': 'bytes',
    });
    const lines = await create('{}', 'lines.jsonl');
    expect((await content(lines.id)).headers.get('content-type')).toBe('application/jsonl');
  });

  test('HEAD says as much, and sends nothing', async () => {
    const { id } = await create(text);
    const answer = await content(id, {}, 'HEAD');
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '100000',
      '',
    ]);
  });

  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-9', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['lines=0-1', 200, '0123456789', null],
    ['nonsense', 200, '0123456789', null],
  ])('Range: %s', async (range, status, expected, said) => {
    const { id } = await create('0123456789');
    const answer = await content(id, { Range: range });
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      status,
      expected,
      said,
    ]);
  });

  test('a range that the file does not have', async () => {
    const { id } = await create('0123456789');
    const answer = await call('GET', `${url()}/${id}/content`, { headers: { Range: 'bytes=10-' } });
    expectError(answer, 416, 'invalid_range', 'Range');
    expect(answer.headers.get('content-range')).toBe('bytes */10');
  });
});

describe('GET /v1/files', () => {
  test('lists page by page, in both orders, and by purpose', async () => {
    await sluice.redis.del(keys.files, keys.filesOf('vision'), keys.filesOf('evals'));
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      ids.push((await create(`${index}`, 'x.png', index % 2 === 0 ? 'vision' : 'evals')).id);
    }
    const walk = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      for (let after = ''; ; ) {
        const { body } = await call('GET', `${url()}?${query}&after=${after}`);
        found.push(...body.data.map(({ id }: { id: string }) => id));
        if (!body.has_more) return found;
        expect([body.first_id, body.last_id]).toEqual([body.data[0].id, body.data.at(-1).id]);
        after = body.last_id;
      }
    };
    expect(await walk('limit=3')).toEqual(ids.toReversed());
    expect(await walk('limit=2&order=asc')).toEqual(ids);
    expect(await walk('limit=7&order=asc')).toEqual(ids);
    expect(await walk('limit=1&order=asc&purpose=evals')).toEqual([ids[1], ids[3], ids[5]]);
    expect(await walk('purpose=vision')).toEqual([ids[6], ids[4], ids[2], ids[0]]);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['order=up', 'order'],
    ['purpose=other', 'purpose'],
    ['after=job_1', 'after'],
  ])('refuses %s', async (query, param) => {
    expectError(await call('GET', `${url()}?${query}`), 400, 'invalid_value', param);
  });
});

test('a file that is deleted is gone, and so are its bytes', async () => {
  const { id } = await create('some text');
  const answer = await call('DELETE', `${url()}/${id}`);
  expect([answer.status, answer.body]).toEqual([200, { id, object: 'file', deleted: true }]);
  for (const [method, path] of [
    ['GET', id],
    ['GET', `${id}/content`],
    ['DELETE', id],
  ]) {
    expectError(
      await call(method ?? '', `${url()}/${path}`),
      404,
      'file_not_found',
      'id',
      `No such File object: ${id}`,
    );
  }
  expect((await onDisk()).filter((path) => path.includes(id))).toEqual([]);
});

test.each(['file-none', `job_${'0'.repeat(32)}`, 'index', '%2e%2e%2fetc', 'x'.repeat(300)])(
  'there is no file %s',
  async (id) => {
    const answer = await call('GET', `${url()}/${id}`);
    expectError(answer, 404, 'file_not_found', 'id');
  },
);
