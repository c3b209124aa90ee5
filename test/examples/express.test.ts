import { expect, test } from 'vitest';
import { decodeEvents, type IncomingEvent } from '../../src/core/sse.ts';
import { LOREM } from '../../src/providers/scripted/plan.ts';
import { call } from '../support/api-client.ts';
import { runExample } from '../support/example.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();

/** Reads events until there are so many, or no more, and leaves. */
async function readEvents(url: string, lastEventId = '', count = Number.POSITIVE_INFINITY) {
  const leaving = new AbortController();
  const headers = { ...(lastEventId && { 'Last-Event-ID': lastEventId }) };
  const response = await fetch(url, { headers, signal: leaving.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events: IncomingEvent[] = [];
  const decoder = decodeEvents({ onEvent: (event) => events.push(event) });
  const text = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    decoder.feed(text.decode(bytes, { stream: true }));
    if (events.length >= count) break;
  }
  leaving.abort();
  return events.slice(0, count);
}

const textOf = (events: IncomingEvent[]): string =>
  events
    .filter(({ event }) => event === 'delta')
    .map(({ data }) => JSON.parse(data).choices[0]?.delta.content ?? '')
    .join('');

test('a question is answered through a stream that breaks and goes on', async () => {
  const env = { SLUICE_BASE_URL: sluice.url, MODEL: 'scripted/lorem?delay_ms=5' };
  const url = await runExample('express/server.ts', { env }).url();
  expect(await (await fetch(url)).text()).toContain('EventSource');
  const asked = await call('POST', `${url}/questions`, { body: { question: 'What does it say?' } });
  expect(asked.status).toBe(202);
  const first = await readEvents(url + asked.body.answer, '', 20);
  const second = await readEvents(url + asked.body.answer, first.at(-1)?.id);
  expect(textOf(first) + textOf(second)).toBe(LOREM);
  expect(second.at(-1)?.event).toBe('completed');
  const headers = { 'Last-Event-ID': second.at(-1)?.id ?? '' };
  expect((await fetch(url + asked.body.answer, { headers })).status).toBe(204);
});

test('what Sluice refuses is told', async () => {
  const env = { SLUICE_BASE_URL: sluice.url, MODEL: 'nobody/knows' };
  const url = await runExample('express/server.ts', { env }).url();
  const refused = await call('POST', `${url}/questions`, { body: { question: 'Who?' } });
  expect(refused).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } });
  expect(await call('GET', `${url}/answers/job_none`)).toMatchObject({
    status: 404,
    body: { error: { code: 'job_not_found' } },
  });
});
