import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOREM } from '../../src/providers/scripted/plan.ts';
import { ask, openPage, status, textIs, textLongerThan, textOf } from '../support/answer-page.ts';
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
beforeAll(async () => {
  const env = { SLUICE_BASE_URL: sluice.url, SLUICE_API_KEY: apiKey };
  app = await runExample('react/server.ts', { env, until: (stop) => stops.push(stop) }).url();
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const open = (model: string) => openPage(shared.browser, `${app}/?model=${encodeURIComponent(model)}`);
const jobs = async (query = '') => (await call('GET', `${sluice.url}/v1/jobs${query}`, { headers })).body;

test('an answer comes bit by bit, and ends', async () => {
  const { page, texts } = await open('scripted/lorem?delay_ms=10');
  await ask(page);
  await eventually('the end', async () => (await status(page)) === 'completed');
  expect(await textOf(page)).toBe(LOREM);
  const shown = await texts();
  expect(shown.length).toBeGreaterThan(2);
  for (const text of shown) expect(LOREM.startsWith(text)).toBe(true);
});

test('a page that is loaded again mid-stream goes on, with nothing lost and nothing doubled', async () => {
  const answer = heldAnswer();
  upstream.script(answer.script);
  const { page, texts } = await open('held');
  const asked: (string | undefined)[] = [];
  page.on('request', async (request) => {
    if (request.url().endsWith('/events')) asked.push((await request.allHeaders())['last-event-id']);
  });
  const made = (await jobs()).data.length;
  await ask(page);
  await textIs(page, answer.texts[0]);
  await page.reload();
  await textIs(page, answer.texts[0]);
  answer.second();
  await textIs(page, answer.texts[1]);
  await page.reload();
  await textIs(page, answer.texts[1]);
  answer.third();
  await eventually('the end', async () => (await status(page)) === 'completed');
  expect(await textOf(page)).toBe(answer.texts[2]);
  // What had been read was shown at once, and not read again.
  const shown = (await texts()).filter((text) => text !== '');
  expect(shown[0]).toBe(answer.texts[1]);
  for (const text of shown) expect(answer.texts[2].startsWith(text)).toBe(true);
  expect(asked).toEqual([undefined, expect.stringMatching(/^1-3\d$/), expect.stringMatching(/^1-6\d$/)]);
  const { data } = await jobs();
  expect(data).toHaveLength(made + 1);
  const { result } = await jobs(`/${data[0].id}`);
  expect(await textOf(page)).toBe(result.choices[0].message.content);
  // Nothing stays behind, and the next visit begins anew.
  expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([]);
  await page.reload();
  await eventually('a new page', async () => (await status(page)) === 'idle');
});

test('stop cancels the job, and its text stays', async () => {
  const { page } = await open('scripted/lorem?hang_after=5');
  await ask(page);
  const text = await textLongerThan(page, 10);
  await page.getByRole('button', { name: 'Stop' }).click();
  await eventually('the end', async () => (await status(page)) === 'cancelled');
  expect(await textOf(page)).toBe(text);
  expect((await jobs('?limit=1')).data[0].status).toBe('cancelled');
});

test('what is refused is shown', async () => {
  const { page } = await open('nobody/knows');
  page.removeAllListeners('console');
  await ask(page);
  await eventually('the reason', async () => (await status(page)).includes('nobody/knows'));
});

test('its types are right', async () => {
  await promisify(execFile)('node_modules/.bin/tsc', ['--noEmit', '-p', 'examples/react']);
});
