import { expect, test } from 'vitest';
import { Sluice } from '../../src/client/index.ts';
import { call } from '../support/api-client.ts';
import { ask } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { runExample } from '../support/example.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const apiKey = 'sk-hono-0123456789';
const sluice = sharedSluice({ env: { SLUICE_MASTER_KEY: apiKey }, secrets: [apiKey] });
const run = (model: string) => {
  const env = { SLUICE_BASE_URL: sluice.url, SLUICE_API_KEY: apiKey, MODEL: model };
  return runExample('hono/server.ts', { env });
};
const start = (model: string) => run(model).url();
const jobs = async (status: string) => {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return (await call('GET', `${sluice.url}/v1/jobs?status=${status}`, { headers })).body.data;
};

test('a route streams text', async () => {
  const url = await start('scripted/echo?delay_ms=5');
  const response = await fetch(`${url}/haiku?about=rain`);
  expect(await response.text()).toBe('Write a haiku about rain.');
});

test('a reader who leaves ends the job', async () => {
  const url = await start('scripted/lorem?hang_after=3');
  const leaving = new AbortController();
  const response = await fetch(`${url}/haiku`, { signal: leaving.signal });
  await response.body?.getReader().read();
  expect(await jobs('in_progress')).toHaveLength(1);
  leaving.abort();
  await eventually('the job to be cancelled', async () => (await jobs('cancelled')).length === 1);
});

test('the relay serves those who have the cookie, and has the key', async () => {
  const url = await start('scripted/echo');
  const stranger = new Sluice({ baseURL: `${url}/api/sluice`, apiKey: null });
  await expect(stranger.jobs.submit({ body: ask() as never })).rejects.toMatchObject({ status: 401 });
  const visitor = new Sluice({
    baseURL: `${url}/api/sluice`,
    apiKey: null,
    headers: { Cookie: 'visitor=1' },
  });
  const job = await visitor.jobs.submit({ body: ask('one two three') as never });
  const texts: string[] = [];
  for await (const { text } of job.stream()) texts.push(text);
  expect(texts.join('')).toBe('one two three');
});

test('whoever leaves a stream of the relay leaves Sluice, too', async () => {
  const example = run('scripted/echo');
  const url = await example.url();
  const headers = { Cookie: 'visitor=1' };
  const visitor = new Sluice({ baseURL: `${url}/api/sluice`, apiKey: null, headers });
  const job = await visitor.jobs.submit({ body: ask({ text: 'one two', hang_after: 1 }) as never });
  const readers = async (): Promise<number> => {
    const response = await fetch(`${sluice.url}/metrics`, { headers: { Authorization: `Bearer ${apiKey}` } });
    return Number(/^sluice_sse_readers (\d+)/m.exec(await response.text())?.[1]);
  };
  const leaving = new AbortController();
  await fetch(`${url}/api/sluice/v1/jobs/${job.id}/events`, { headers, signal: leaving.signal });
  await eventually('a reader', async () => (await readers()) === 1);
  leaving.abort();
  await eventually('no reader', async () => (await readers()) === 0);
  await visitor.jobs.cancel(job.id);
  expect(example.output).toHaveLength(1);
});
