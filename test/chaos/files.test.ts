import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobs } from '../../src/blobs/open-blobs.ts';
import { call } from '../support/api-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { digestOf, peakMemory, pieces, uploadLarge } from '../support/large-upload.ts';
import { connectTo } from '../support/raw-http.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';
import { rawForm, rawPart, sendForm } from '../support/send-form.ts';

const MB = 1024 * 1024;
/** Of 64 KB each: 200 MB. */
const PIECES = 3200;
/** About twice what it takes, and half of what it would take to hold the file. */
const MOST_MEMORY = 100 * MB;

let folder: string;
let s3: S3Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-files-'));
  s3 = await startS3();
});

afterAll(async () => {
  await s3?.stop();
  await rm(folder, { recursive: true, force: true });
});

const upload = async (base: string, content: string): Promise<{ id: string }> =>
  (
    await sendForm(`${base}/v1/files`, [
      ['purpose', 'evals'],
      ['file', { name: 'x.txt', content }],
    ])
  ).body;
const read = async (base: string, id: string): Promise<string> =>
  (await fetch(`${base}/v1/files/${id}/content`)).text();
const list = async (base: string): Promise<string[]> =>
  (await call('GET', `${base}/v1/files`)).body.data.map(({ id }: { id: string }) => id);

describe.each([
  [
    'disk',
    () => ({ SLUICE_FILES_DIR: join(folder, 'blobs') }),
    () => ({ storage: null, filesDir: join(folder, 'blobs') }),
  ],
  ['s3', () => s3.env, () => ({ storage: { ...s3.settings, prefix: '' }, filesDir: '/proc/none' })],
] as const)('files on %s', (_, environment, settings) => {
  const blobsOf = async (): Promise<string[]> => {
    const blobs = await openBlobs(settings());
    return (await Array.fromAsync(blobs.list('files'))).map(({ key }) => key);
  };

  test('survive the death of every process', async () => {
    await using cluster = await Cluster.start();
    const first = await cluster.run(undefined, { env: environment() });
    const { id } = await upload(first.url, 'some text');
    first.signal('SIGKILL');
    await first.exited;
    await cluster.redis.sigkill();
    await cluster.redis.restart();
    const second = await cluster.run('api', { env: environment() });
    expect(await read(second.url, id)).toBe('some text');
    expect(await list(second.url)).toEqual([id]);
  });

  test('nothing is to be seen of one whose API process dies while it comes', async () => {
    await using cluster = await Cluster.start();
    const first = await cluster.run('api', { env: environment() });
    const before = await blobsOf();
    const url = `${first.url}/v1/files`;
    const socket = await connectTo(url);
    const begun = rawPart('name="file"; filename="x.txt"', 'x'.repeat(20 * MB));
    const gone = new Promise((closed) => socket.once('close', closed));
    await new Promise((sent) =>
      socket.write(rawForm(url, begun, { 'Content-Length': String(30 * MB) }), sent),
    );
    first.signal('SIGKILL');
    await Promise.all([first.exited, gone]);
    const second = await cluster.run('api', { env: environment() });
    expect([await list(second.url), await blobsOf()]).toEqual([[], before]);
  });

  test('a large one does not fill the memory, coming or going', async () => {
    await using cluster = await Cluster.start();
    const { url, pid } = await cluster.run('api', { env: environment() });
    // What every first file brings into memory.
    await read(url, (await upload(url, 'x'.repeat(10 * MB))).id);
    const before = await peakMemory(pid);
    const { id, bytes } = await uploadLarge(url, PIECES);
    expect(bytes).toBe(200 * MB);
    const response = await fetch(`${url}/v1/files/${id}/content`);
    expect(await digestOf(response.body ?? pieces(0))).toBe(await digestOf(pieces(PIECES)));
    const grown = (await peakMemory(pid)) - before;
    expect(grown).toBeLessThan(MOST_MEMORY);
    await call('DELETE', `${url}/v1/files/${id}`);
    await eventually('its bytes to be gone', async () => !(await blobsOf()).some((key) => key.endsWith(id)));
  });
});

test('who takes nothing of a file is disconnected', async () => {
  await using cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { reader_stall_timeout: 0.2 },
  });
  const env = { SLUICE_FILES_DIR: join(folder, 'stalled') };
  const { url, pid } = await cluster.run('api', { env });
  const { id } = await uploadLarge(url, 800);
  const opened = async (): Promise<boolean> => {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const targets = await Promise.all(
      descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    return targets.some((target) => target.endsWith(id));
  };
  const socket = await connectTo(url);
  socket.write(`GET /v1/files/${id}/content HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await eventually('the file to be read', opened);
  await eventually('the file to be closed', async () => !(await opened()));
  socket.destroy();
});

test('requests are told that the storage cannot be reached, and nothing is kept', async () => {
  await using cluster = await Cluster.start();
  const lost = { ...s3.env, SLUICE_S3_ENDPOINT: 'http://127.0.0.1:9' };
  const { url } = await cluster.run('api', { env: lost });
  const answer = await sendForm(`${url}/v1/files`, [
    ['purpose', 'evals'],
    ['file', { name: 'x.txt', content: 'x' }],
  ]);
  expect([answer.status, answer.body.error.code, answer.headers.get('retry-after')]).toEqual([
    503,
    'storage_unavailable',
    '1',
  ]);
  // While most of it is still to come.
  expect(await uploadLarge(url, PIECES)).toMatchObject({ error: { code: 'storage_unavailable' } });
  expect(await list(url)).toEqual([]);
});
