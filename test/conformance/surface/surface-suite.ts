import { describe, expect, test } from 'vitest';
import { call } from '../../support/api-client.ts';
import { cancel } from '../../support/ask.ts';
import { eventually } from '../../support/eventually.ts';
import { readEvents } from '../../support/job-reader.ts';
import type { SharedSluice } from '../../support/shared-sluice.ts';
import { eventsIn, NOTHING, type Said, type SurfaceClient } from './surface-client.ts';

const CALLS = [
  { name: 'weather', arguments: '{"city":"Paris"}' },
  { name: 'time', arguments: '{"zone":"CET"}' },
];

/** What every surface says of the same scripted answers. */
const ANSWERS: readonly [what: string, mock: object, said: Partial<Said>][] = [
  ['text', { text: 'one two three' }, { text: 'one two three', end: 'stop' }],
  [
    'text that needs escapes',
    { text: '"\\\n\u2028é💡 \u0000' },
    { text: '"\\\n\u2028é💡 \u0000', end: 'stop' },
  ],
  ['no text at all', { text: '' }, { end: 'stop' }],
  [
    'an answer cut off at its limit',
    { text: 'one', finish_reason: 'length' },
    { text: 'one', end: 'length' },
  ],
  [
    'an answer that a filter stopped',
    { text: 'one', finish_reason: 'content_filter' },
    { text: 'one', end: 'content_filter' },
  ],
  ['reasoning', { reasoning: 'hm so', text: 'ok' }, { reasoning: 'hm so', text: 'ok', end: 'stop' }],
  ['calls of tools', { tool_calls: CALLS }, { calls: CALLS, end: 'tool_calls' }],
  [
    'a call after text',
    { text: 'Look: ', tool_calls: CALLS },
    { text: 'Look: ', calls: CALLS, end: 'tool_calls' },
  ],
  ['a refusal', { refusal: 'I cannot.' }, { refusal: 'I cannot.', end: 'stop' }],
];

/** The jobs surface apart, what every surface must do, whatever it speaks. */
export function describeSurface(client: SurfaceClient, sluice: SharedSluice): void {
  const open = (mock: object, changes: object = {}, init: RequestInit = {}): Promise<Response> =>
    fetch(`${sluice.url}${client.path}`, {
      method: 'POST',
      ...init,
      headers: { 'Content-Type': 'application/json', ...init.headers },
      body: JSON.stringify(client.body(mock, changes)),
    });
  const openStream = (mock: object, init?: RequestInit) => open(mock, { stream: true }, init);
  const jobOf = (response: Response): string => response.headers.get('x-sluice-job-id') ?? '';
  const job = async (id: string, query = '') =>
    (await call('GET', `${sluice.url}/v1/jobs/${id}${query}`)).body;

  describe(client.name, () => {
    itSays(client, open, openStream);
    itFails(client, open, openStream);

    test('begins anew without a word where nothing had been said', async () => {
      const mock = { text: 'one two', fail_attempts: 1 };
      const streamed = await openStream(mock);
      expect(client.readStream(eventsIn(await streamed.text()))).toMatchObject({
        text: 'one two',
        end: 'stop',
      });
      expect((await job(jobOf(streamed))).attempts).toHaveLength(2);
    });

    test('never splices a second attempt onto the text of the first', async () => {
      // The pause lets the first word reach the log, and its reader, before the attempt fails.
      const mock = { text: 'one two three', delay_ms: 100, error_after: 2, fail_attempts: 1 };
      const streamed = await openStream(mock, { headers: { 'Idempotency-Key': `${client.name} splice` } });
      const said = client.readStream(eventsIn(await streamed.text()));
      expect(said).toMatchObject({ text: 'one ', end: 'failed' });
      expect(said.error).toContain('goes on');
      const settled = await job(jobOf(streamed), '?wait=30');
      expect(client.readWhole(settled.result)).toMatchObject({ text: 'one two three', end: 'stop' });
      const whole = await open(mock);
      expect(client.readWhole(await whole.json()).text).toBe('one two three');
      expect((await job(jobOf(whole))).attempts).toHaveLength(2);
    });

    test('cancelled: keeps what was said, and says that it was', async () => {
      const hanging = { text: 'one two three', hang_after: 2 };
      const key = `${client.name} cancelled`;
      const streamed = await openStream(hanging, { headers: { 'Idempotency-Key': key } });
      await eventually('the text so far', async () => {
        const { partial } = await job(jobOf(streamed), '?partial=true');
        return partial && client.readWhole(partial).text === 'one two ';
      });
      await cancel(sluice.url, jobOf(streamed));
      const said = client.readStream(eventsIn(await streamed.text()));
      expect(said.text).toBe('one two ');
      expect(['failed', 'cancelled']).toContain(said.end);
      const again = await openStream(hanging, { headers: { 'Idempotency-Key': key } });
      expect(client.readStream(eventsIn(await again.text()))).toEqual(said);
      expect((await job(jobOf(streamed))).status).toBe('cancelled');
    });

    test('a client that hangs up cancels, unless it wants the answer later', async () => {
      const hanging = { text: 'one two three', hang_after: 1 };
      const leave = async (headers: Record<string, string>): Promise<string> => {
        const controller = new AbortController();
        const response = await openStream(hanging, { headers, signal: controller.signal });
        controller.abort();
        return jobOf(response);
      };
      const left = await leave({});
      expect((await job(left, '?wait=30')).status).toBe('cancelled');
      const wanted = await leave({ 'X-Sluice-On-Disconnect': 'continue' });
      expect((await job(wanted)).cancelRequested).toBeUndefined();
      expect((await job(wanted)).status).toBe('in_progress');
      await cancel(sluice.url, wanted);
    });

    test('a request sent again under its key is the same job, in the same bytes', async () => {
      const init = { headers: { 'Idempotency-Key': `${client.name} again` } };
      const mock = { reasoning: 'hm', text: 'one two three', tool_calls: CALLS };
      const first = await openStream(mock, init);
      const bytes = await first.text();
      const second = await openStream(mock, init);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(jobOf(second)).toBe(jobOf(first));
      expect(await second.text()).toBe(bytes);
      const other = await openStream({ text: 'other' }, init);
      expect(other.status).toBe(422);
      expect(client.errorMessage(await other.json())).toContain('Idempotency-Key');
    });

    test('is a job like any other: submitted, polled, and resumed at every offset', async () => {
      const mock = { text: 'one two three four' };
      const body = { url: client.path, body: client.body(mock) };
      const submitted = await call('POST', `${sluice.url}/v1/jobs`, { body, headers: { Prefer: 'wait=30' } });
      expect(submitted.status).toBe(200);
      expect(client.readWhole(submitted.body.result)).toMatchObject({
        text: 'one two three four',
        end: 'stop',
      });
      const later = await open(mock, {}, { headers: { Prefer: 'respond-async' } });
      expect(later.status).toBe(202);
      const url = `${sluice.url}/v1/jobs/${jobOf(later)}/events`;
      const events = await Array.fromAsync(readEvents(url));
      for (const [place, { id }] of events.entries()) {
        expect(await Array.fromAsync(readEvents(url, { lastEventId: id }))).toEqual(events.slice(place + 1));
      }
      const result = await call('GET', `${sluice.url}/v1/jobs/${jobOf(later)}/result`);
      expect(client.readWhole(result.body).text).toBe('one two three four');
    });
  });
}

type Open = (mock: object) => Promise<Response>;

function itSays(client: SurfaceClient, open: Open, openStream: Open): void {
  const needs = (said: Partial<Said>) => [
    ...(said.reasoning ? ['reasoning' as const] : []),
    ...(said.calls ? ['tools' as const] : []),
    ...(said.refusal ? ['refusal' as const] : []),
  ];
  const able = ANSWERS.filter(([, , said]) => needs(said).every((need) => client.abilities.has(need)));
  test.each(able)('says %s, whole and streamed', async (_, mock, said) => {
    const whole = await open(mock);
    expect(whole.status).toBe(200);
    expect(client.readWhole(await whole.json())).toEqual({ ...NOTHING, ...said });
    const streamed = await openStream(mock);
    expect(streamed.status).toBe(200);
    expect(streamed.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(client.readStream(eventsIn(await streamed.text()))).toEqual({ ...NOTHING, ...said });
  });
}

function itFails(client: SurfaceClient, open: Open, openStream: Open): void {
  test.each([
    ['whole', open],
    ['streamed', openStream],
  ])('a failure before the first delta has its own status, %s', async (_, ask) => {
    const answer = await ask({ error_status: 403 });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(client.errorMessage(await answer.json())).toContain('This failure was asked for.');
  });

  test('a failure after it is told in-band, and by its own status to who waited for the whole', async () => {
    const mock = { text: 'one two', error_after: 1, error_status: 403 };
    const streamed = await openStream(mock);
    expect(streamed.status).toBe(200);
    const said = client.readStream(eventsIn(await streamed.text()));
    expect(said).toMatchObject({ text: 'one ', end: 'failed' });
    expect(said.error).toContain('This failure was asked for.');
    const whole = await open(mock);
    expect(whole.status).toBe(403);
    expect(client.errorMessage(await whole.json())).toContain('This failure was asked for.');
  });

  test('a truncated answer never looks whole', async () => {
    const streamed = await openStream({ text: 'one two', truncate_after: 1, fail_attempts: 9 });
    expect(client.readStream(eventsIn(await streamed.text()))).toMatchObject({ text: 'one ', end: 'failed' });
  });

  test.each([
    ['no object', '[]', 400],
    ['no JSON', '{"model":', 400],
    ['no model', '{}', 400],
  ])('a body that is %s is refused in the words of the surface', async (_, raw, status) => {
    const { url } = await open({ text: '' });
    const answer = await call('POST', url, { raw });
    expect(answer.status).toBe(status);
    expect(client.errorMessage(answer.body)).not.toBe('');
  });
}
