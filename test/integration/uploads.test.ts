import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { call } from '../support/api-client.ts';
import { expectError } from '../support/expect-error.ts';
import { filesSluice, MAX_FILE } from '../support/files-sluice.ts';
import { sendForm } from '../support/send-form.ts';

const { sluice, folder, onDisk } = filesSluice();

const url = (): string => `${sluice.url}/v1/uploads`;
const post = (path: string, body?: object) =>
  call('POST', `${url()}${path}`, body === undefined ? {} : { body });
const begin = async (bytes: number, changes: object = {}) => {
  const body = { filename: 'x.jsonl', purpose: 'batch', bytes, mime_type: 'application/jsonl', ...changes };
  return (await post('', body)).body;
};
const part = (id: string, content: string) =>
  sendForm(`${url()}/${id}/parts`, [['data', { name: 'blob', content }]]);
const partId = async (id: string, content: string): Promise<string> => (await part(id, content)).body.id;
const complete = (id: string, part_ids: string[], changes: object = {}) =>
  post(`/${id}/complete`, { part_ids, ...changes });
const content = async (fileId: string): Promise<string> =>
  (await fetch(`${sluice.url}/v1/files/${fileId}/content`)).text();
const files = async () => (await call('GET', `${sluice.url}/v1/files`)).body.data;

describe('an upload', () => {
  test('becomes a file of its parts, in the order that is asked for', async () => {
    const upload = await begin(9);
    expect(upload).toEqual({
      id: expect.stringMatching(/^upload_[0-9a-f]{32}$/),
      object: 'upload',
      bytes: 9,
      created_at: expect.any(Number),
      expires_at: upload.created_at + 3600,
      filename: 'x.jsonl',
      purpose: 'batch',
      status: 'pending',
      file: null,
    });
    const second = await part(upload.id, 'world');
    expect([second.status, second.body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^part_[0-9a-f]{32}$/),
        object: 'upload.part',
        created_at: expect.any(Number),
        upload_id: upload.id,
      },
    ]);
    const first = await partId(upload.id, 'the ');
    await partId(upload.id, 'left out');
    const md5 = createHash('md5').update('the world').digest('hex');
    const { status, body } = await complete(upload.id, [first, second.body.id], { md5: md5.toUpperCase() });
    expect(status).toBe(200);
    const file = {
      id: expect.stringMatching(/^file-[0-9a-f]{32}$/),
      object: 'file',
      bytes: 9,
      created_at: expect.any(Number),
      expires_at: body.file.created_at + 2_592_000,
      filename: 'x.jsonl',
      purpose: 'batch',
      status: 'processed',
    };
    expect(body).toEqual({ ...upload, status: 'completed', file });
    expect(await content(body.file.id)).toBe('the world');
    expect((await call('GET', `${sluice.url}/v1/files/${body.file.id}`)).body).toEqual(body.file);
    expect(await onDisk('uploads')).toEqual([]);
  });

  test('is completed once, however often it is asked for', async () => {
    const before = (await files()).length;
    const { id } = await begin(2);
    const [one, two] = [await partId(id, '1'), await partId(id, '2')];
    const answers = await Promise.all([
      complete(id, [one, two]),
      complete(id, [two, one]),
      complete(id, [one, two]),
      complete(id, [two, one]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const made = answers.map(({ body }) => body.file.id);
    expect(new Set(made).size).toBe(1);
    const again = await complete(id, [one, two]);
    expect([again.status, again.body.file.id]).toEqual([200, made[0]]);
    const listed = await files();
    expect(listed.length).toBe(before + 1);
    expect(await onDisk('files')).toEqual(listed.map((each: { id: string }) => each.id).sort());
  });

  test('stays as it is when its file has been deleted', async () => {
    const { id } = await begin(1);
    const one = await partId(id, '1');
    const { body } = await complete(id, [one]);
    await call('DELETE', `${sluice.url}/v1/files/${body.file.id}`);
    expect((await complete(id, [one])).body).toEqual(body);
    expect((await call('GET', `${sluice.url}/v1/files/${body.file.id}`)).status).toBe(404);
  });

  test('is finished by who asks again, where its record was never written', async () => {
    const { id } = await begin(1);
    const one = await partId(id, '1');
    const { body } = await complete(id, [one]);
    // As one leaves it who dies between ending the upload and writing the file's record.
    await sluice.redis.del(keys.file(body.file.id));
    await sluice.redis.hset(keys.upload(id), 'unwritten', '1');
    expect((await complete(id, [one])).body).toEqual(body);
    expect((await call('GET', `${sluice.url}/v1/files/${body.file.id}`)).body).toEqual(body.file);
    expect(await content(body.file.id)).toBe('1');
  });

  test('keeps its file as long as was said', async () => {
    const life = { expires_after: { anchor: 'created_at', seconds: 7200 } };
    const { id } = await begin(1, { purpose: 'evals', filename: 'x.txt', ...life });
    const { body } = await complete(id, [await partId(id, '1')]);
    expect(body.file.expires_at - body.file.created_at).toBe(7200);
  });

  test('that is cancelled takes nothing more, and its parts are gone', async () => {
    const { id, ...upload } = await begin(1);
    const one = await partId(id, '1');
    for (const _ of [1, 2]) {
      const answer = await post(`/${id}/cancel`);
      expect([answer.status, answer.body]).toEqual([200, { id, ...upload, status: 'cancelled' }]);
    }
    const message = `Upload '${id}' has been cancelled.`;
    expectError(await part(id, '2'), 400, 'upload_not_pending', 'upload_id', message);
    expectError(await complete(id, [one]), 400, 'upload_not_pending', 'upload_id', message);
    expect(await onDisk('uploads')).toEqual([]);
  });

  test('that is completed cannot be cancelled', async () => {
    const { id } = await begin(1);
    await complete(id, [await partId(id, '1')]);
    const message = `Upload '${id}' has been completed.`;
    expectError(await post(`/${id}/cancel`), 400, 'upload_not_pending', 'upload_id', message);
    expectError(await part(id, '2'), 400, 'upload_not_pending', 'upload_id', message);
  });

  test('that has expired takes nothing more', async () => {
    const { id } = await begin(1);
    const one = await partId(id, '1');
    const spec = JSON.parse((await sluice.redis.hget(keys.upload(id), 'spec')) ?? '');
    const past = Date.now() - 1;
    await sluice.redis.hset(keys.upload(id), {
      spec: JSON.stringify({ ...spec, expiresAt: past }),
      expiresAt: past,
    });
    expectError(await part(id, '2'), 400, 'upload_not_pending', 'upload_id');
    expectError(await complete(id, [one]), 400, 'upload_not_pending', 'upload_id');
    expectError(await post(`/${id}/cancel`), 400, 'upload_not_pending', 'upload_id');
  });
});

describe('to complete an upload', () => {
  test('its parts must have the bytes that were said', async () => {
    const { id } = await begin(3);
    const one = await partId(id, '12');
    const answer = await complete(id, [one]);
    const message = 'The parts have 2 bytes together, and the upload was created with 3.';
    expectError(answer, 400, 'invalid_value', 'part_ids', message);
    expect((await complete(id, [one, await partId(id, '3')])).status).toBe(200);
  });

  test('its MD5 must be right, and it can be tried again', async () => {
    const { id } = await begin(1);
    const one = await partId(id, '1');
    const before = await onDisk('files');
    expectError(await complete(id, [one], { md5: '0'.repeat(32) }), 400, 'invalid_value', 'md5');
    expect(await onDisk('files')).toEqual(before);
    expect((await complete(id, [one])).status).toBe(200);
  });

  test('its parts must be its own, and each be named once', async () => {
    const { id } = await begin(2);
    const one = await partId(id, '1');
    const other = await partId((await begin(1)).id, '1');
    expectError(
      await complete(id, [one, other]),
      400,
      'invalid_value',
      'part_ids',
      `The upload has no part '${other}'.`,
    );
    expectError(
      await complete(id, [one, one]),
      400,
      'invalid_value',
      'part_ids',
      'A part is named twice in part_ids.',
    );
    expectError(await complete(id, []), 400, 'empty_array', 'part_ids');
    expectError(await complete(id, [one], { md5: 'x' }), 400, 'invalid_value', 'md5');
  });

  test('nobody may have ended it meanwhile', async () => {
    const { id } = await begin(1);
    const one = await partId(id, '1');
    await rm(join(folder, 'uploads', id, one));
    await sluice.redis.hset(keys.upload(id), 'status', 'pending');
    const answer = await complete(id, [one]);
    expectError(
      answer,
      400,
      'upload_not_pending',
      'upload_id',
      `Upload '${id}' is being ended by another request.`,
    );
  });
});

describe('parts', () => {
  test('are kept up to three times the bytes of the upload', async () => {
    const { id } = await begin(10);
    for (const _ of [1, 2, 3]) expect((await part(id, 'x'.repeat(10))).status).toBe(200);
    expectError(await part(id, 'x'), 400, 'invalid_value', 'data');
    expect(await onDisk(`uploads/${id}`)).toHaveLength(3);
  });

  test.each([
    ['nothing', []],
    [
      'another field',
      [
        ['purpose', 'batch'],
        ['data', { name: 'x', content: 'x' }],
      ],
    ],
    ['text', [['data', 'x']]],
  ] as const)('refuses %s', async (_, fields) => {
    const { id } = await begin(1);
    const answer = await sendForm(`${url()}/${id}/parts`, fields);
    expect([answer.status, answer.body.error.type]).toEqual([400, 'invalid_request_error']);
    expect(await onDisk(`uploads/${id}`)).toEqual([]);
  });
});

test.each([
  ['a batch of another name', { filename: 'x.json' }, 'invalid_request_error', null],
  ['no bytes', { bytes: 0 }, 'integer_below_min_value', 'bytes'],
  ['another purpose', { purpose: 'batch_output' }, 'invalid_value', 'purpose'],
  ['too many bytes', { purpose: 'evals', bytes: MAX_FILE + 1 }, 'integer_above_max_value', 'bytes'],
  ['more than anybody takes', { bytes: 9 * 1024 ** 3 }, 'integer_above_max_value', 'bytes'],
  ['an unknown field', { colour: 'red' }, 'unknown_parameter', 'colour'],
  [
    'too long a life',
    { expires_after: { anchor: 'created_at', seconds: 2_592_001 } },
    'integer_above_max_value',
    'expires_after.seconds',
  ],
])('an upload is refused with %s', async (_, changes, code, param) => {
  const body = { filename: 'x.jsonl', purpose: 'batch', bytes: 1, mime_type: 'x', ...changes };
  expectError(await post('', body), 400, code, param);
});

test.each(['upload_none', `upload_${'0'.repeat(32)}`, `job_${'0'.repeat(32)}`])(
  'there is no upload %s',
  async (id) => {
    const message = `No such upload: '${id}'.`;
    expectError(await part(id, 'x'), 404, 'upload_not_found', 'upload_id', message);
    expectError(await complete(id, ['x']), 404, 'upload_not_found', 'upload_id', message);
    expectError(await post(`/${id}/cancel`), 404, 'upload_not_found', 'upload_id', message);
  },
);
