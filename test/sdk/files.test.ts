import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sdk-files-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = () => new Client({ baseURL: `${sluice.url}/v1`, apiKey: 'sk-none', maxRetries: 0 });
  const text = (content: string, name: string) => toFile(Buffer.from(content), name);

  test('files.create from a stream, and content', async () => {
    const bytes = randomBytes(3_000_000);
    const path = join(folder, 'requests.jsonl');
    await writeFile(path, bytes);
    const created = await client().files.create({ file: createReadStream(path), purpose: 'batch' });
    expect(created).toMatchObject({
      object: 'file',
      bytes: 3_000_000,
      filename: 'requests.jsonl',
      status: 'processed',
    });
    expect(Number(created.expires_at) - created.created_at).toBe(2_592_000);
    const content = await client().files.content(created.id);
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('files.create of a buffer, with an expiry; retrieve, waitForProcessing, delete', async () => {
    const created = await client().files.create({
      file: await text('some text', 'notes.txt'),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    expect(Number(created.expires_at) - created.created_at).toBe(3600);
    expect(await client().files.retrieve(created.id)).toEqual(created);
    expect(await client().files.waitForProcessing(created.id)).toEqual(created);
    const deleted = await client().files.delete(created.id);
    expect(deleted).toEqual({ id: created.id, object: 'file', deleted: true });
    await expect(client().files.retrieve(created.id)).rejects.toMatchObject({
      status: 404,
      code: 'file_not_found',
      message: `404 No such File object: ${created.id}`,
    });
    await expect(client().files.content(created.id)).rejects.toMatchObject({ status: 404 });
  });

  test('files.list goes from page to page', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      ids.push((await client().files.create({ file: await text('x', `${index}.txt`), purpose: 'evals' })).id);
    }
    const found: string[] = [];
    for await (const { id } of client().files.list({ limit: 2, purpose: 'evals', order: 'asc' }))
      found.push(id);
    expect(found.slice(-5)).toEqual(ids);
    const [newest] = (await client().files.list({ limit: 1 })).data;
    expect(newest?.id).toBe(ids.at(-1));
  });

  test('a batch file of another name is refused in OpenAI’s words', async () => {
    const creating = client().files.create({ file: await text('{}', 'x.json'), purpose: 'batch' });
    await expect(creating).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      message: '400 Invalid file format for Batch API. Must be .jsonl',
    });
  });

  test('uploads: create, parts, complete', async () => {
    const pieces = ['the first line\n', 'the second line\n', 'the third line\n'];
    const whole = pieces.join('');
    const upload = await client().uploads.create({
      filename: 'lines.jsonl',
      purpose: 'batch',
      bytes: whole.length,
      mime_type: 'application/jsonl',
    });
    expect([upload.object, upload.status, upload.expires_at - upload.created_at]).toEqual([
      'upload',
      'pending',
      3600,
    ]);
    const parts = await Promise.all(
      pieces.map(async (piece) =>
        client().uploads.parts.create(upload.id, { data: await text(piece, 'blob') }),
      ),
    );
    expect(parts.map(({ object, upload_id }) => [object, upload_id])).toEqual(
      parts.map(() => ['upload.part', upload.id]),
    );
    const completed = await client().uploads.complete(upload.id, {
      part_ids: parts.map(({ id }) => id),
      md5: createHash('md5').update(whole).digest('hex'),
    });
    expect([completed.status, completed.file?.filename]).toEqual(['completed', 'lines.jsonl']);
    const content = await client().files.content(completed.file?.id ?? '');
    expect(await content.text()).toBe(whole);
  });

  test('uploads: cancel', async () => {
    const about = { filename: 'x.txt', purpose: 'user_data', bytes: 10, mime_type: 'text/plain' } as const;
    const { id } = await client().uploads.create(about);
    expect((await client().uploads.cancel(id)).status).toBe('cancelled');
    const adding = client().uploads.parts.create(id, { data: await text('x', 'blob') });
    await expect(adding).rejects.toMatchObject({ status: 400, code: 'upload_not_pending' });
  });
});
