import { toFile } from 'openai';
import { describe, expect, test } from 'vitest';
import { batchLines, jsonLines } from '../support/batches.ts';
import { eventually } from '../support/eventually.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = new Client({ baseURL: 'http://127.0.0.1', apiKey: 'sk-none', maxRetries: 0 });
  const openai = () => client.withOptions({ baseURL: `${sluice.url}/v1` });

  async function create(lines: readonly object[], more: object = {}) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const file = await openai().files.create({
      file: await toFile(Buffer.from(text), 'requests.jsonl'),
      purpose: 'batch',
    });
    return openai().batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...more,
    });
  }

  const ended = (id: string) =>
    eventually(`the end of ${id}`, async () => {
      const batch = await openai().batches.retrieve(id);
      return ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status) ? batch : null;
    });

  test('batches.create and retrieve, and files.content of the output', async () => {
    const created = await create(batchLines(25), {
      metadata: { purpose: 'trial' },
      output_expires_after: { anchor: 'created_at', seconds: 7200 },
    });
    expect(created).toMatchObject({ object: 'batch', status: 'validating', completion_window: '24h' });
    const batch = await ended(created.id);
    expect(batch).toMatchObject({
      status: 'completed',
      metadata: { purpose: 'trial' },
      request_counts: { total: 25, completed: 25, failed: 0 },
      errors: null,
    });
    const output = await openai().files.content(batch.output_file_id ?? '');
    const answers = jsonLines(await output.text());
    expect(new Set(answers.map(({ custom_id }) => custom_id)).size).toBe(25);
    expect(answers[0].response.body.object).toBe('chat.completion');
    const file = await openai().files.retrieve(batch.output_file_id ?? '');
    expect(Number(file.expires_at) - file.created_at).toBe(7200);
  });

  test('batches.retrieve of one whose input is not valid', async () => {
    const [first = {}] = batchLines(1);
    const batch = await ended((await create([first, first])).id);
    expect(batch.status).toBe('failed');
    expect(batch.errors?.data).toMatchObject([{ code: 'duplicate_custom_id', line: 2, param: 'custom_id' }]);
  });

  test('batches.cancel', async () => {
    const { id } = await create(batchLines(3, 'scripted/lorem?first_delay_ms=3600000'));
    expect(['cancelling', 'cancelled']).toContain((await openai().batches.cancel(id)).status);
    expect((await ended(id)).status).toBe('cancelled');
  });

  test('batches.list, page by page', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await create(batchLines(1))).id);
    const listed: string[] = [];
    for await (const batch of openai().batches.list({ limit: 2 })) listed.push(batch.id);
    expect(listed.slice(0, 3)).toEqual(ids);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('mistakes as its own errors', async () => {
    await expect(openai().batches.retrieve('batch_nothing')).rejects.toThrow(Client.NotFoundError);
    const refused = openai().batches.create({
      input_file_id: 'file-nothing',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
  });
});
