import { NotFoundError, type OpenAI } from 'openai';
import { NotFoundError as NotFoundError6 } from 'openai-6';
import { describe, expect, test } from 'vitest';
import { PROMPT } from '../support/ask.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { askStored, storedSluice } from '../support/stored-completions.ts';

const { sluice, leaveToArchive } = storedSluice();

describe.each(OPENAI_VERSIONS)('%s', (version, Client) => {
  const completions = () =>
    new Client({ baseURL: `${sluice.url}/v1`, apiKey: 'sk-none', maxRetries: 0 }).chat.completions;
  const create = (text: string, changes: object = {}) => completions().create(askStored(text, changes));
  /** What of an answer the client has not added. */
  const plain = (object: object): unknown => JSON.parse(JSON.stringify(object));
  const refused = version === 'openai 7' ? NotFoundError : NotFoundError6;

  test('retrieve, update, delete', async () => {
    const created = await create('one two', { metadata: { step: '1' } });
    const { id } = created;
    const retrieved = await completions().retrieve(id);
    expect(retrieved).toMatchObject(Object(plain(created)));
    const updated = await completions().update(id, { metadata: { step: '2' } });
    expect(plain(updated)).toEqual({ ...retrieved, metadata: { step: '2' } });
    await leaveToArchive(id);
    expect(plain(await completions().retrieve(id))).toEqual(plain(updated));
    const archived = await completions().update(id, { metadata: { step: '3' } });
    expect(plain(archived)).toEqual({ ...retrieved, metadata: { step: '3' } });
    expect(plain(await completions().delete(id))).toEqual({
      object: 'chat.completion.deleted',
      id,
      deleted: true,
    });
    await expect(completions().retrieve(id)).rejects.toBeInstanceOf(refused);
  });

  test('list, page by page, in both orders', async () => {
    const metadata = { test: `list ${version}` };
    const created: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      created.push(
        (await create(`text ${index}`, { metadata, model: `scripted/echo?deltas=${(index % 2) + 1}` })).id,
      );
    }
    for (const id of created.slice(0, 3)) await leaveToArchive(id);
    const list = async (query: OpenAI.ChatCompletionListParams): Promise<string[]> => {
      const found: string[] = [];
      for await (const { id } of completions().list({ metadata, ...query })) found.push(id);
      return found;
    };
    expect(await list({ limit: 3 })).toEqual(created);
    expect(await list({ limit: 3, order: 'desc' })).toEqual(created.toReversed());
    expect(await list({ limit: 2, model: 'scripted/echo?deltas=2' })).toEqual(
      created.filter((_, index) => index % 2 === 1),
    );
    expect(await list({ after: created[4] ?? '' })).toEqual(created.slice(5));
    expect(await list({ metadata: { test: 'other' } })).toEqual([]);
    const page = await completions().list({ metadata, limit: 1 });
    expect([page.data.length, page.has_more, page.data[0]?.metadata]).toEqual([1, true, metadata]);
  });

  test('messages.list, page by page', async () => {
    const messages = ['a', 'b', 'c', 'd'].map((content) => ({ role: 'user', content }));
    const { id } = await create('fine', { messages });
    const list = async (order: 'asc' | 'desc'): Promise<(string | null)[]> => {
      const found: (string | null)[] = [];
      for await (const message of completions().messages.list(id, { limit: 3, order }))
        found.push(message.content);
      return found;
    };
    expect(await list('asc')).toEqual(['a', 'b', 'c', 'd']);
    await leaveToArchive(id);
    expect(await list('desc')).toEqual(['d', 'c', 'b', 'a']);
  });

  test('what was not stored is not found', async () => {
    const { id } = await create(PROMPT, { store: false });
    const finding = completions().retrieve(id);
    await expect(finding).rejects.toBeInstanceOf(refused);
    await expect(finding).rejects.toMatchObject({
      status: 404,
      type: 'invalid_request_error',
      error: { message: `Chat completion with id '${id}' not found.` },
    });
    await expect(completions().update(id, { metadata: {} })).rejects.toBeInstanceOf(refused);
    await expect(completions().delete(id)).rejects.toBeInstanceOf(refused);
    await expect(completions().messages.list(id)).rejects.toBeInstanceOf(refused);
  });
});
