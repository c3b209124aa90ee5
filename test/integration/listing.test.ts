import { beforeAll, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 0 },
  },
});

type Page = { data: { id: string; status: string }[]; first_id: string; last_id: string; has_more: boolean };

async function page(query: string): Promise<Page> {
  const answer = await call('GET', `${sluice.url}/v1/jobs?${query}`);
  expect(answer.status).toBe(200);
  expect(answer.body.object).toBe('list');
  return answer.body;
}

/** All pages, one after the other as clients ask for them. */
async function pages(limit: number, filter = ''): Promise<Page[]> {
  const found = [await page(`limit=${limit}${filter}`)];
  for (let last = found[0]; last?.has_more; last = found.at(-1)) {
    expect(last.data).toHaveLength(limit);
    found.push(await page(`limit=${limit}${filter}&after=${last.last_id}`));
  }
  return found;
}

const idsOf = (found: readonly Page[]): string[] => found.flatMap(({ data }) => data.map(({ id }) => id));

/** The ids of the jobs, in the order of their creation. */
const made: Record<string, string[]> = {};
let all: string[] = [];

beforeAll(async () => {
  expect(await page('')).toEqual({
    object: 'list',
    data: [],
    first_id: null,
    last_id: null,
    has_more: false,
  });
  const kinds: [string, number, () => Promise<string>][] = [
    ['completed', 12, () => submit(sluice.url, ask())],
    ['failed', 5, () => submit(sluice.url, ask({ error_status: 400 }))],
    ['expired', 3, () => submit(sluice.url, ask({ hang_after: 1 }), { timeout: 0.5 })],
    [
      'cancelled',
      4,
      async () => (await cancel(sluice.url, await submit(sluice.url, ask(), { delay: 3000 }))).body.id,
    ],
    ['queued', 7, () => submit(sluice.url, ask(), { delay: 3000 })],
    ['in_progress', 6, () => hangingJob(sluice.url)],
  ];
  // One of each in turn, so that no status is a run of neighbours.
  for (let round = 0; round < 12; round += 1) {
    for (const [status, count, make] of kinds) {
      if (round >= count) continue;
      const id = await make();
      all.push(id);
      made[status] = [...(made[status] ?? []), id];
    }
  }
  for (const [status, ids] of Object.entries(made)) {
    await eventually(`all jobs that are ${status}`, async () => {
      const { data } = await page(`status=${status}&limit=100`);
      return data.length === ids.length;
    });
  }
});

test.each([1, 2, 5, 6, 36, 37, 100])('every job is on one page, newest first: %i a page', async (limit) => {
  const found = await pages(limit);
  expect(idsOf(found)).toEqual(all.toReversed());
  expect(found).toHaveLength(Math.ceil(all.length / limit));
  for (const { data, first_id, last_id } of found) {
    expect([first_id, last_id]).toEqual([data[0]?.id, data.at(-1)?.id]);
  }
  expect(found.at(-1)?.has_more).toBe(false);
});

test.each(['queued', 'in_progress', 'completed', 'failed', 'cancelled', 'expired'])(
  'every job that is %s is on one page, and no other',
  async (status) => {
    const expected = made[status]?.toReversed() ?? [];
    expect(expected.length).toBeGreaterThan(2);
    for (const limit of [1, 2, expected.length - 1, expected.length, expected.length + 1, 100]) {
      const found = await pages(limit, `&status=${status}`);
      expect(idsOf(found)).toEqual(expected);
      expect(found).toHaveLength(Math.ceil(expected.length / limit));
      for (const { data } of found) for (const job of data) expect(job.status).toBe(status);
    }
  },
);

test('twenty are on a page where nothing else is asked for', async () => {
  const { data, has_more } = await page('');
  expect([data.length, has_more]).toEqual([20, true]);
});

test('a job is listed without what takes long to look up', async () => {
  const [listed] = (await page('status=completed&limit=1')).data;
  const { result, position, ...shown } = (await call('GET', `${sluice.url}/v1/jobs/${listed?.id}`)).body;
  expect(result.choices[0].message.content).toContain('pong');
  expect(position).toBeNull();
  expect(listed).toEqual(shown);
});

test('an id that nobody has is a place in the list all the same', async () => {
  const zeros = '0'.repeat(32);
  expect((await page(`after=job_${zeros}`)).data).toEqual([]);
  expect(idsOf(await pages(100, `&after=job_${zeros.replaceAll('0', 'f')}`))).toEqual(all.toReversed());
  const [newest = '', next] = all.toReversed();
  const between = `${newest.slice(0, -1)}${newest.endsWith('0') ? '1' : '0'}`;
  const after = (await page(`limit=1&after=${between}`)).data[0]?.id;
  expect(after).toBe(between > newest ? newest : next);
});

test('jobs that come, change or go meanwhile move no other to another page', async () => {
  const expected = all.toReversed();
  const first = await page('limit=10');
  const newcomer = await submit(sluice.url, ask(), { delay: 3000 });
  const second = await page(`limit=10&after=${first.last_id}`);
  // The one that the next page begins after.
  await cancel(sluice.url, second.last_id);
  const gone = await call('DELETE', `${sluice.url}/v1/jobs/${second.last_id}`);
  expect(gone.status).toBe(200);
  const third = await page(`limit=100&after=${second.last_id}`);
  expect(idsOf([first, second, third])).toEqual(expected);
  all = [...all.filter((id) => id !== second.last_id), newcomer];
  expect(idsOf(await pages(100))).toEqual(all.toReversed());
});

test('jobs whose records have expired are not listed', async () => {
  const [oldest = ''] = all;
  await sluice.redis.del(`sluice:{${oldest}}`);
  expect(idsOf(await pages(7))).toEqual(all.slice(1).toReversed());
});
