import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, openPage, status, textIs, textOf } from '../support/answer-page.ts';
import { call } from '../support/api-client.ts';
import { sharedBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { runExample } from '../support/example.ts';
import { heldAnswer } from '../support/held-answer.ts';
import { keyedSluice } from '../support/keyed-sluice.ts';

const { sluice, apiKey, upstream, headers } = await keyedSluice((at) => [
  { model_name: 'held', litellm_params: { ...at, model: 'openai/held' } },
]);
const shared = sharedBrowser();
const stops: (() => Promise<void>)[] = [];
let app = '';

/** Next's own command on the example. */
const next = (args: string[], env: Readonly<Record<string, string>> = {}) =>
  runExample('nextjs', {
    program: ['node_modules/next/dist/bin/next', ...args],
    env: { NEXT_TELEMETRY_DISABLED: '1', ...env },
    until: (stop) => stops.push(stop),
  });

beforeAll(async () => {
  // Where an app is built, nobody knows yet which Sluice it will talk to. Next checks the types, too.
  const build = next(['build', 'examples/nextjs'], { NEXT_PUBLIC_MODEL: 'held' });
  expect(await build.exited, build.output.join('\n')).toBe(0);
  const env = { SLUICE_BASE_URL: sluice.url, SLUICE_API_KEY: apiKey };
  app = await next(['start', 'examples/nextjs', '-p', '0', '-H', '127.0.0.1'], env).url();
}, 120_000);
afterAll(async () => {
  for (const stop of stops) await stop();
});

test('an answer streams through the route, and outlives a refresh of the page', async () => {
  const answer = heldAnswer();
  upstream.script(answer.script);
  const { page, texts } = await openPage(shared.browser, app);
  await ask(page);
  await textIs(page, answer.texts[0]);
  answer.second();
  await textIs(page, answer.texts[1]);
  await page.reload();
  await textIs(page, answer.texts[1]);
  answer.third();
  await eventually('the end', async () => (await status(page)) === 'completed');
  expect(await textOf(page)).toBe(answer.texts[2]);
  const shown = (await texts()).filter((text) => text !== '');
  expect(shown[0]).toBe(answer.texts[1]);
});

test('stop cancels the job', async () => {
  const answer = heldAnswer();
  upstream.script(answer.script);
  const { page } = await openPage(shared.browser, app);
  await ask(page);
  await textIs(page, answer.texts[0]);
  await page.getByRole('button', { name: 'Stop' }).click();
  await eventually('the end', async () => (await status(page)) === 'cancelled');
  const { data } = (await call('GET', `${sluice.url}/v1/jobs?limit=1`, { headers })).body;
  expect(data[0].status).toBe('cancelled');
});

test('the route hands on nothing else', async () => {
  const refused = await call('GET', `${app}/api/sluice/v1/models`);
  expect(refused).toMatchObject({ status: 404, body: { error: { code: 'unknown_url' } } });
});
