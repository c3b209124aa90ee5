import { type ServerType, serve } from '@hono/node-server';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createRelay } from '../../src/client/relay.ts';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob, settledJob } from '../support/ask.ts';
import { sharedBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import type { UseJobPage } from '../support/use-job-page.ts';

const sluice = sharedSluice();
const shared = sharedBrowser();
let server: ServerType | undefined;
let origin = '';

beforeAll(async () => {
  const entryPoints = ['test/support/use-job-page.ts'];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false });
  const html = `<body></body><script type="module">${outputFiles[0]?.text ?? ''}</script>`;
  const headers = { 'Content-Type': 'text/html' };
  const relay = createRelay({ baseURL: sluice.url, prefix: '/relay', authorize: 'everybody' });
  const handle = (request: Request) =>
    new URL(request.url).pathname === '/' ? new Response(html, { headers }) : relay(request);
  await new Promise<void>((resolve) => {
    server = serve({ fetch: handle, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      origin = `http://127.0.0.1:${port}`;
      resolve();
    });
  });
});
afterAll(() => server?.close());

async function openPage() {
  const context = await shared.browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(origin);
  return {
    show: (id: string | null | undefined) =>
      page.evaluate((job) => (globalThis as unknown as UseJobPage).show(job), id),
    renders: () => page.evaluate(() => (globalThis as unknown as UseJobPage).renders),
    shows: (text: string) =>
      eventually(`'${text}'`, async () => (await page.locator('body').innerText()).trim() === text.trim()),
  };
}

const readers = async (count: number) =>
  eventually(`${count} readers`, async () => {
    const text = await (await fetch(`${sluice.url}/metrics`)).text();
    return text.includes(`\nsluice_sse_readers ${count}\n`);
  });
const statusOf = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body.status;

test('follows one job after the other, and lets go of each', async () => {
  const [first, second] = await Promise.all([
    hangingJob(sluice.url),
    submit(sluice.url, ask(), { delay: 600 }),
  ]);
  const page = await openPage();
  await page.shows('idle:');
  await page.show(first);
  await page.shows('streaming: one two ');
  await readers(1);
  await page.show(second);
  await page.shows('queued:');
  await readers(1);
  await page.show(undefined);
  await page.shows('nothing');
  await readers(0);
  expect(await statusOf(first)).toBe('in_progress');
  await page.show(first);
  await page.shows('streaming: one two ');
  await page.show(null);
  await page.shows('idle:');
  await readers(0);
  await Promise.all([cancel(sluice.url, first), cancel(sluice.url, second)]);
});

test('renders by the frame, and not by the delta', async () => {
  const words = Array.from({ length: 500 }, (_, index) => `word${index}`).join(' ');
  const id = await settledJob(sluice.url, ask(words));
  const page = await openPage();
  await page.show(id);
  await page.shows(`completed: ${words}`);
  expect(await page.renders()).toBeLessThan(100);
});
