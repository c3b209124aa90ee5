import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { runExample } from '../support/example.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-nightly-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const run = (folder: string, ...args: string[]) =>
  runExample('cron-batch/nightly.ts', {
    args: ['--folder', folder, ...args],
    env: { SLUICE_BASE_URL: sluice.url },
  });

/** The answers that a folder holds, in their order. */
async function answers(folder: string): Promise<string[]> {
  const [file = ''] = await readdir(folder);
  const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line).response.body.choices[0].message.content);
}

const prompts = async (): Promise<string[]> =>
  (await readFile('examples/cron-batch/prompts.txt', 'utf8')).trim().split('\n');

test('runs once, now', async () => {
  const folder = await makeFolder();
  const nightly = run(folder, '--now');
  expect(await nightly.exited, nightly.output.join('\n')).toBe(0);
  expect(nightly.output.at(-1)).toMatch(/^completed: 5 answers in .*\.jsonl, [\d.]+ USD$/);
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d\.jsonl$/)]);
  expect(await answers(folder)).toEqual(await prompts());
});

test('that is killed goes on with the same batch', async () => {
  const folder = await makeFolder();
  const first = run(folder, '--now', '--model', 'scripted/echo?delay_ms=200');
  const submitted = await first.printed(/^submitted /);
  const id = submitted.split(' ')[1];
  first.signal('SIGKILL');
  await first.exited;
  expect(await readdir(folder)).toEqual(['state.json']);
  const second = run(folder, '--now');
  expect(await second.exited, second.output.join('\n')).toBe(0);
  expect(second.output).toContain(`going on with ${id}`);
  expect(await answers(folder)).toEqual(await prompts());
  const { data } = (await call('GET', `${sluice.url}/v1/batches`)).body;
  expect(data.filter((batch: { id: string }) => batch.id === id)).toHaveLength(1);
  expect(data).toHaveLength(2);
});

test('else waits for the night', async () => {
  const nightly = run(await makeFolder());
  await nightly.printed(/^next run: .*T/);
  nightly.signal('SIGTERM');
  expect(await nightly.exited).toBeNull();
});
