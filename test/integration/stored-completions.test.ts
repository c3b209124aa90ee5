import { describe, expect, test } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { call, submit } from '../support/api-client.ts';
import { cancel, PROMPT } from '../support/ask.ts';
import { expectError } from '../support/expect-error.ts';
import { askStored, storedSluice } from '../support/stored-completions.ts';
import { openStore, RETENTION } from '../support/stores.ts';

const { sluice, url, get, create, leaveToArchive } = storedSluice();
const NOBODY = `chatcmpl-${'0'.repeat(32)}`;

const ids = (body: { data: { id: string }[] }): string[] => body.data.map(({ id }) => id);
const update = (id: string, body: unknown) => call('POST', url(`/${id}`), { body });

describe('retrieve', () => {
  test('is the answer, with what OpenAI’s has of the request', async () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const changes = { metadata: { team: 'red' }, temperature: 0.5, seed: 7, user: 'Ada', tools };
    const created = await create('one two', changes);
    expect(created).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'scripted/echo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'one two', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      metadata: { team: 'red' },
    });
    const { status, body } = await get(`/${created.id}`);
    expect([status, body]).toEqual([
      200,
      {
        ...created,
        service_tier: null,
        tool_choice: null,
        seed: 7,
        top_p: null,
        temperature: 0.5,
        presence_penalty: null,
        frequency_penalty: null,
        tools,
        response_format: null,
        input_user: 'Ada',
      },
    ]);
    await leaveToArchive(created.id);
    expect((await get(`/${created.id}`)).body).toEqual(body);
  });

  test('of a streamed one works as well', async () => {
    const response = await fetch(url(), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(askStored('streamed', { stream: true })),
    });
    const id = /"id":"(chatcmpl-[0-9a-f]+)"/.exec(await response.text())?.[1];
    expect((await get(`/${id}`)).body).toMatchObject({
      id,
      metadata: {},
      choices: [{ message: { content: 'streamed' } }],
    });
  });

  test('of what is not there is 404', async () => {
    const { id: unstored } = await create('unstored', { store: false });
    const jobId = await submit(sluice.url, askStored('x', { mock_response: { hang_after: 0 } }));
    const running = jobId.replace('job_', 'chatcmpl-');
    const { id: foreign } = await create('of another surface', { metadata: { test: 'foreign' } });
    const record = keys.record(foreign.replace('chatcmpl-', 'job_'));
    await sluice.redis.hset(record, 'url', '/v1/other');
    expect(ids((await get('?metadata[test]=foreign')).body)).toEqual([]);
    for (const id of [unstored, running, foreign, NOBODY, 'chatcmpl-x', jobId, 'x'.repeat(500)]) {
      const message = `Chat completion with id '${id.slice(0, 80)}' not found.`;
      const expected = [404, 'chat_completion_not_found', 'completion_id', message] as const;
      expectError(await get(`/${id}`), ...expected);
      expectError(await get(`/${id}/messages`), ...expected);
      expectError(await update(id, { metadata: {} }), ...expected);
      expectError(await call('DELETE', url(`/${id}`)), ...expected);
    }
    await cancel(sluice.url, jobId);
    expect((await get(`/${running}`)).status).toBe(404);
  });
});

describe('metadata', () => {
  test('is replaced, and nothing else', async () => {
    const { id } = await create('text', { metadata: { a: '1', b: '2' } });
    const before = (await get(`/${id}`)).body;
    const changed = await update(id, { metadata: { a: '3' } });
    expect([changed.status, changed.body]).toEqual([200, { ...before, metadata: { a: '3' } }]);
    await leaveToArchive(id);
    expect((await get(`/${id}`)).body).toEqual(changed.body);
    expect((await update(id, { metadata: { late: 'yes' } })).body.metadata).toEqual({ late: 'yes' });
    expect((await update(id, { metadata: null })).body).toEqual({ ...before, metadata: {} });
    expect((await get(`/${id}`)).body.metadata).toEqual({});
  });

  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']));
  test.each([
    [{ metadata: many }, 'object_above_max_properties', 'metadata'],
    [{ metadata: { a: 1 } }, 'invalid_type', 'metadata.a'],
    [{ metadata: { a: 'x'.repeat(513) } }, 'string_above_max_length', 'metadata.a'],
    [{ metadata: [] }, 'invalid_type', 'metadata'],
  ])('%j is refused at every door', async (wrong, code, param) => {
    const { id } = await create('text');
    expectError(await update(id, wrong), 400, code, param);
    expectError(await call('POST', url(), { body: askStored('x', wrong) }), 400, code, param);
    const job = await call('POST', `${sluice.url}/v1/jobs`, { body: { body: askStored('x', wrong) } });
    expectError(job, 400, code, `body.${param}`);
    // Where nothing is stored, it is for the provider to judge.
    expect((await call('POST', url(), { body: askStored('x', { ...wrong, store: false }) })).status).toBe(
      200,
    );
  });

  test.each([
    [{}, 'missing_required_parameter', 'metadata'],
    [{ metadata: {}, model: 'x' }, 'unknown_parameter', 'model'],
  ])('an update of %j is refused', async (body, code, param) => {
    const { id } = await create('text');
    expectError(await update(id, body), 400, code, param);
  });
});

test('what is deleted is gone everywhere', async () => {
  const kept = await create('kept', { metadata: { test: 'delete' } });
  for (const archived of [false, true]) {
    const { id } = await create('gone', { metadata: { test: 'delete' } });
    if (archived) await leaveToArchive(id);
    const deleted = await call('DELETE', url(`/${id}`));
    expect([deleted.status, deleted.body]).toEqual([
      200,
      { object: 'chat.completion.deleted', id, deleted: true },
    ]);
    expect((await get(`/${id}`)).status).toBe(404);
    expect((await call('DELETE', url(`/${id}`))).status).toBe(404);
    expect((await call('GET', `${sluice.url}/v1/jobs/${id.replace('chatcmpl-', 'job_')}`)).status).toBe(404);
    expect(
      await sluice.redis.zscore(keys.stored('/v1/chat/completions'), id.replace('chatcmpl-', 'job_')),
    ).toBeNull();
  }
  expect(ids((await get('?metadata[test]=delete')).body)).toEqual([kept.id]);
});

describe('list', () => {
  test('is of the stored and completed ones, oldest first, wherever they are', async () => {
    const metadata = { test: 'list' };
    const created: string[] = [];
    for (const text of ['one', 'two', 'three']) created.push((await create(text, { metadata })).id);
    await create('unstored', { metadata, store: false });
    const failing = askStored('x', { metadata, mock_response: { error_status: 400 } });
    expect((await call('POST', url(), { body: failing })).status).toBe(400);
    const [one = '', two = '', three = ''] = created;
    await leaveToArchive(two);

    const { body } = await get('?metadata[test]=list');
    expect(ids(body)).toEqual([one, two, three]);
    expect(body).toEqual({
      object: 'list',
      data: [(await get(`/${one}`)).body, (await get(`/${two}`)).body, (await get(`/${three}`)).body],
      first_id: one,
      last_id: three,
      has_more: false,
    });
    expect(ids((await get('?metadata[test]=list&order=desc')).body)).toEqual([three, two, one]);
    const first = (await get('?metadata[test]=list&limit=2')).body;
    expect(first).toMatchObject({ first_id: one, last_id: two, has_more: true });
    const rest = (await get(`?metadata[test]=list&limit=2&after=${first.last_id}`)).body;
    expect([ids(rest), rest.has_more]).toEqual([[three], false]);
    const back = (await get(`?metadata[test]=list&order=desc&after=${two}`)).body;
    expect(ids(back)).toEqual([one]);
  });

  test('of nothing is empty', async () => {
    const empty = { object: 'list', data: [], first_id: null, last_id: null, has_more: false };
    expect((await get('?model=nobody')).body).toEqual(empty);
    expect((await get(`?after=chatcmpl-${'f'.repeat(32)}`)).body).toEqual(empty);
  });

  test('is filtered by model and by every pair of metadata', async () => {
    const model = 'scripted/echo?deltas=1';
    const metadata = { a: 'x y', '1': 'one', 'b[c]': 'ü' };
    const both = await create('both', { model, metadata });
    const other = await create('other', { model, metadata: { a: 'x y' } });
    const found = async (query: string) =>
      ids((await get(`?model=${encodeURIComponent(model)}&${query}`)).body);
    expect(await found('')).toEqual([both.id, other.id]);
    expect(await found('metadata=')).toEqual([both.id, other.id]);
    expect(await found('metadata[a]=x+y')).toEqual([both.id, other.id]);
    expect(await found('metadata%5Ba%5D=x%20y&metadata%5B1%5D=one')).toEqual([both.id]);
    expect(await found('metadata[b[c]]=%C3%BC')).toEqual([both.id]);
    expect(await found('metadata[a]=x')).toEqual([]);
    expect(await found('metadata[constructor]=x')).toEqual([]);
    expect(ids((await get('?model=scripted/echo&metadata[a]=x+y')).body)).toEqual([]);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['order=up', 'order'],
    ['after=job_1', 'after'],
    ['after[]=a', 'after'],
    ['model[a]=b', 'model'],
    ['metadata=a', 'metadata'],
    ['metadata[]=a', 'metadata'],
  ])('?%s is refused', async (query, param) => {
    expectError(await get(`?${query}`), 400, 'invalid_value', param);
  });
});

test('the messages are those of the request', async () => {
  const parts = [
    { type: 'text', text: 'look' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
  ];
  const call_1 = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', name: 'Ada', content: parts },
    { role: 'assistant', content: null, tool_calls: [call_1] },
    { role: 'tool', tool_call_id: 'call_1', content: PROMPT },
  ];
  const { id } = await create('fine', { messages });
  const rest = { refusal: null, name: null, content_parts: null };
  const data = [
    { id: `${id}-0`, role: 'system', content: 'Be brief.', ...rest },
    { id: `${id}-1`, role: 'user', content: null, ...rest, name: 'Ada', content_parts: parts },
    { id: `${id}-2`, role: 'assistant', content: null, tool_calls: [call_1], ...rest },
    { id: `${id}-3`, role: 'tool', tool_call_id: 'call_1', content: PROMPT, ...rest },
  ];
  const list = { object: 'list', data, first_id: `${id}-0`, last_id: `${id}-3`, has_more: false };
  expect((await get(`/${id}/messages`)).body).toEqual(list);
  await leaveToArchive(id);
  expect((await get(`/${id}/messages`)).body).toEqual(list);
  const last = (await get(`/${id}/messages?order=desc&limit=1`)).body;
  expect(last).toEqual({ ...list, data: [data[3]], first_id: `${id}-3`, last_id: `${id}-3`, has_more: true });
  expect(ids((await get(`/${id}/messages?after=${id}-1`)).body)).toEqual([`${id}-2`, `${id}-3`]);
  expectError(await get(`/${id}/messages?after=x`), 400, 'invalid_value', 'after');
});

test('the index forgets what has expired', async () => {
  const list = keys.stored('/v1/chat/completions');
  const time = (Date.now() - 1000 * (86_400 + 2_592_000) - 1000).toString(16).padStart(12, '0');
  const old = `job_${time}7${'0'.repeat(19)}`;
  await sluice.redis.zadd(list, 0, old);
  const { id } = await create('young', { metadata: { test: 'trim' } });
  expect(await sluice.redis.zscore(list, old)).toBe('0');
  const own = await openStore(sluice.redisUrl, { ...RETENTION, jobTimeout: 86_400, storedTtl: 2_592_000 });
  await own.jobs.index.trim();
  await own.close();
  expect(await sluice.redis.zscore(list, old)).toBeNull();
  expect(ids((await get('?metadata[test]=trim')).body)).toEqual([id]);
});
