import { describe, expect, test } from 'vitest';
import { call } from '../../support/api-client.ts';
import type { SharedSluice } from '../../support/shared-sluice.ts';
import { eventsIn } from './surface-client.ts';

const CALLS = [{ name: 'weather', arguments: '{"city":"Paris"}' }];

/** Answers in the background, whose streams can be taken up again. */
const ANSWERS: readonly [what: string, mock: object, last: string][] = [
  [
    'reasoning, text and calls',
    { reasoning: 'hm so', text: 'one two', tool_calls: CALLS },
    'response.completed',
  ],
  ['a refusal', { refusal: 'I cannot.' }, 'response.completed'],
  ['an answer cut off', { text: 'one two', finish_reason: 'length' }, 'response.incomplete'],
  [
    'an answer that a filter stopped',
    { text: 'one', finish_reason: 'content_filter' },
    'response.incomplete',
  ],
  ['a failure before anything was said', { error_status: 400 }, 'response.failed'],
  [
    'a failure in the middle',
    { text: 'one two', delay_ms: 20, error_after: 1, error_status: 400 },
    'response.failed',
  ],
];

/** Responses of which the client has an id: followed, and taken up behind every event that they have. */
export function describeResume(sluice: SharedSluice): void {
  const path = () => `${sluice.url}/v1/responses`;
  const bodyOf = (mock_response: object, background: boolean) => ({
    model: 'scripted/echo',
    input: 'zanzibar',
    mock_response,
    background,
  });
  const create = async (mock: object, background = true) =>
    (await call('POST', path(), { body: bodyOf(mock, background) })).body;
  const stream = async (mock: object): Promise<string> => {
    const body = JSON.stringify({ ...bodyOf(mock, true), stream: true });
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch(path(), { method: 'POST', headers, body })).text();
  };
  const follow = async (id: string, query = ''): Promise<string> => {
    const response = await fetch(`${path()}/${id}?stream=true${query}`);
    expect(response.status).toBe(200);
    return response.text();
  };
  const idIn = (bytes: string): string => JSON.parse(eventsIn(bytes)[0]?.data ?? '{}').response.id;

  describe('responses in the background', () => {
    test.each(ANSWERS)('%s: the same bytes behind every event', async (_, mock, last) => {
      const bytes = await stream(mock);
      const frames = bytes.split(/(?<=\n\n)/);
      const events = eventsIn(bytes);
      expect(events.map(({ data }) => JSON.parse(data).sequence_number)).toEqual([...events.keys()]);
      expect(events.slice(0, 3).map(({ event }) => event)).toEqual([
        'response.created',
        'response.queued',
        'response.in_progress',
      ]);
      expect(events.at(-1)?.event).toBe(last);
      const id = idIn(bytes);
      expect(await follow(id)).toBe(bytes);
      for (const number of events.keys()) {
        const rest = frames.slice(number + 1).join('');
        expect(await follow(id, `&starting_after=${number}`)).toBe(rest);
      }
      expect(JSON.parse(events.at(-1)?.data ?? '{}').response).toEqual(
        (await call('GET', `${path()}/${id}`)).body,
      );
    });

    test('created without a stream, then followed from its first event', async () => {
      const created = await create({ text: 'one two three', delay_ms: 20 });
      expect(created).toMatchObject({ status: 'queued', background: true, output: [] });
      const bytes = await follow(created.id);
      expect(idIn(bytes)).toBe(created.id);
      expect(await follow(created.id)).toBe(bytes);
    });

    test('cancelled twice: the same response, whose stream says that it is not whole', async () => {
      const { id } = await create({ text: 'one two', hang_after: 1 });
      const following = follow(id);
      const first = await call('POST', `${path()}/${id}/cancel`);
      expect([first.status, first.body.status]).toEqual([200, 'cancelled']);
      expect((await call('POST', `${path()}/${id}/cancel`)).body).toEqual(first.body);
      const events = eventsIn(await following);
      expect(events.at(-1)?.event).toBe('response.incomplete');
      expect(JSON.parse(events.at(-1)?.data ?? '{}').response).toEqual(first.body);
    });

    test('in the foreground there is nothing to take up', async () => {
      const { id } = await create({ text: 'one' }, false);
      const { status, body } = await call('GET', `${path()}/${id}?stream=true`);
      expect(status).toBe(400);
      expect(body.error).toEqual({
        message: 'This response cannot be streamed because it was not created with background=true.',
        type: 'invalid_request_error',
        param: 'stream',
        code: 'invalid_request_error',
      });
    });
  });
}
