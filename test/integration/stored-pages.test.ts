import { expect, test } from 'vitest';
import { storedSluice } from '../support/stored-completions.ts';

const { get, create, leaveToArchive } = storedSluice({ max_output_bytes: 10_000 });

test('a page is no larger than an answer may be, and says where the next begins', async () => {
  const created: string[] = [];
  for (const letter of 'abcdef') created.push((await create(letter.repeat(4000))).id);
  for (const id of created.slice(0, 3)) await leaveToArchive(id);
  const pages: string[][] = [];
  for (let after = ''; pages.length < 10; ) {
    const { body } = await get(`?limit=100&after=${after}`);
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect([body.first_id, body.last_id]).toEqual([ids[0], ids.at(-1)]);
    pages.push(ids);
    if (!body.has_more) break;
    after = body.last_id;
  }
  expect(pages).toEqual([created.slice(0, 2), created.slice(2, 4), created.slice(4, 6)]);
});

test('one that is larger than a page is a page of its own', async () => {
  const metadata = { team: 'alone' };
  const tools = [{ type: 'function', function: { name: 'f', description: 'd'.repeat(15_000) } }];
  const large = await create('a', { metadata, tools });
  const small = await create('b', { metadata });
  const { body } = await get('?metadata[team]=alone');
  expect([body.data.map(({ id }: { id: string }) => id), body.has_more]).toEqual([[large.id], true]);
  const rest = await get(`?metadata[team]=alone&after=${body.last_id}`);
  expect([rest.body.data[0].id, rest.body.has_more]).toEqual([small.id, false]);
});
