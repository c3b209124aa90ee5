import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { call, scripted } from '../support/api-client.ts';
import { readDocument } from '../support/archive-store.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { readEvents } from '../support/job-reader.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const RESULT_TTL = 1000;
const STORED_TTL = 100_000;
const JOBS = 40;

let folder: string;
let archive: string;
let cluster: Cluster;
let api: SluiceProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-archive-'));
  archive = join(folder, 'archive');
  const general_settings = { result_ttl: RESULT_TTL, stored_ttl: STORED_TTL };
  const model_list = [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }];
  cluster = await Cluster.start({ model_list, general_settings }, { port: true });
  api = await run('api');
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function run(role: 'api' | 'worker', options: { redisUrl?: string } = {}): Promise<SluiceProcess> {
  return cluster.run(role, { ...options, env: { SLUICE_ARCHIVE_DIR: archive } });
}

/** Jobs that are to be stored, and have settled. */
async function storedJobs(count: number): Promise<string[]> {
  const answers = Array.from({ length: count }, async (_, index) => {
    const body = { ...scripted({ text: `answer ${index}` }), store: true };
    const { headers, status } = await call('POST', `${api.url}/v1/chat/completions`, { body });
    expect(status).toBe(200);
    return headers.get('x-sluice-job-id') ?? '';
  });
  return Promise.all(answers);
}

const life = (id: string): Promise<number> => cluster.client.ttl(keys.record(id));

/** Ends the leases of a worker that has died: its tasks go to the next one at once. */
async function hurry(): Promise<void> {
  for (const member of await cluster.client.zrange(keys.archive, '0', '-1')) {
    await cluster.client.zadd(keys.archive, 'XX', 0, member);
  }
}

async function archived(ids: readonly string[]): Promise<void> {
  // A job that has just settled is not a task yet: that there is none to do says nothing before all have been archived.
  await eventually('all records to be cut', async () => {
    return (await Promise.all(ids.map(life))).every((seconds) => seconds >= 0 && seconds <= RESULT_TTL);
  });
  await eventually('all jobs to be archived', async () => (await cluster.client.zcard(keys.archive)) === 0);
  for (const id of ids) {
    expect(await readDocument(archive, id)).toMatchObject({ status: 'completed', stored: '1' });
    expect(await life(id)).toBeLessThanOrEqual(RESULT_TTL);
  }
}

it('an archiver that is killed after writing, before Redis knows, loses nothing', async () => {
  // Nothing can be archived until there is a folder in the place of this file.
  await writeFile(archive, '');
  await cluster.client.call('ACL', 'SETUSER', 'restricted', 'on', '>secret', '+@all', '&*', '~*');
  const redisUrl = cluster.redis.connectionUrl.replace('//', '//restricted:secret@');
  const doomed = await run('worker', { redisUrl });
  const ids = await storedJobs(3);
  for (const id of ids) expect(await life(id)).toBeGreaterThan(RESULT_TTL);

  await cluster.client.call(
    'ACL',
    'SETUSER',
    'restricted',
    'resetkeys',
    '%R~sluice:{job_*',
    '~sluice:{index}*',
  );
  await rm(archive);
  await eventually('the documents', async () => {
    await hurry();
    const documents = await Promise.all(ids.map((id) => readDocument(archive, id)));
    return documents.every((document) => document !== null);
  });
  doomed.signal('SIGKILL');
  await doomed.exited;
  for (const id of ids) expect(await life(id)).toBeGreaterThan(RESULT_TTL);
  expect(await cluster.client.zcard(keys.archive)).toBe(3);

  await run('worker');
  await hurry();
  await archived(ids);
});

it('jobs are archived once workers live long enough, whenever they are killed', async () => {
  const settledAll = storedJobs(JOBS);
  for (let life = 0; life < 4; life += 1) {
    const worker = await run('worker');
    const before = await cluster.client.zcard(keys.index('completed'));
    await eventually('something to happen', async () => {
      const now = await cluster.client.zcard(keys.index('completed'));
      return now > before || now === JOBS;
    });
    worker.signal('SIGKILL');
    await worker.exited;
    await hurry();
  }
  await run('worker');
  const ids = await settledAll;
  await hurry();
  await archived(ids);
});

it('the pages of a job do not tell where it is kept', async () => {
  await run('worker');
  const [id = ''] = await storedJobs(1);
  await archived([id]);
  const pages = async (): Promise<unknown[]> => {
    const paths = [`/v1/jobs/${id}`, `/v1/jobs/${id}/result`, `/v1/jobs/${id}?wait=1`];
    return Promise.all(paths.map(async (path) => (await call('GET', api.url + path)).body));
  };
  const before = await pages();
  expect(before[1]).toMatchObject({ choices: [{ message: { content: 'answer 0' } }] });
  await cluster.client.del(keys.record(id), keys.log(id));
  expect(await pages()).toEqual(before);
  const events: string[] = [];
  for await (const { event } of readEvents(`${api.url}/v1/jobs/${id}/events`)) events.push(event);
  expect([events[0], events.at(-1)]).toEqual(['attempt', 'completed']);

  const deleted = await call('DELETE', `${api.url}/v1/jobs/${id}`);
  expect([deleted.status, deleted.body.deleted]).toEqual([200, true]);
  expect((await call('GET', `${api.url}/v1/jobs/${id}`)).status).toBe(404);
  expect(await readDocument(archive, id)).toBeNull();
});

it('an idempotency key finds its job in the archive', async () => {
  await run('worker');
  const headers = { 'Idempotency-Key': 'once' };
  const body = { ...scripted({ text: 'only once' }), store: true };
  const first = await call('POST', `${api.url}/v1/chat/completions`, { body, headers });
  const id = first.headers.get('x-sluice-job-id') ?? '';
  await archived([id]);
  await cluster.client.del(keys.record(id), keys.log(id));
  const again = await call('POST', `${api.url}/v1/chat/completions`, { body, headers });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toEqual(first.body);
  expect(await cluster.client.exists(keys.record(id))).toBe(0);
});

it('an archive that cannot be reached is an outage, which ends', async () => {
  await writeFile(archive, '');
  const url = `${api.url}/v1/chat/completions/chatcmpl-${'0'.repeat(32)}`;
  const answer = await call('GET', url);
  expect([answer.status, answer.body.error.code]).toEqual([503, 'storage_unavailable']);
  expect(answer.headers.get('retry-after')).toBe('1');
  await rm(archive);
  expect((await call('GET', url)).status).toBe(404);
  const line = await api.logged(({ level }) => level === 'error', 'the reason');
  expect(JSON.stringify(line)).toContain('ENOTDIR');
});
