import { describe, expect, test } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { responsesSurface } from '../../src/surfaces/responses/surface.ts';
import { attempt, deltas, end, text } from '../support/log-entries.ts';
import { DIGITS, eventsOf, JOB } from '../support/response-log.ts';

const TOKEN = { token: '', logprob: -1, bytes: [], top_logprobs: [] };

describe('how an answer ends', () => {
  const broken = { message: 'Boom.', type: 'server_error', param: null, code: 'upstream_error' };
  const last = (outcome: object, said: readonly Delta[] = [text('half')]) => {
    const all = eventsOf([attempt(1), deltas(1, ...said), end(1, outcome)], { background: true });
    const done = all.filter(({ type }) => type === 'response.output_item.done');
    const { type, response } = all.at(-1) ?? { type: '', response: null };
    return { type, response, done: done.map(({ item }) => item.status) };
  };

  test.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('cut off by %s', (finish_reason, reason) => {
    expect(last({ finish_reason })).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason },
        error: null,
        completed_at: null,
        output: [{ status: 'incomplete', content: [{ text: 'half' }] }],
      },
      done: ['incomplete'],
    });
  });

  test.each(['failed', 'expired'] as const)('%s', (status) => {
    expect(last({ status, error: broken, finish_reason: null })).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'server_error', message: 'Boom.' },
        output: [{ status: 'incomplete' }],
      },
      done: ['incomplete'],
    });
  });

  test('cancelled: a response that is not whole, whose status says why', () => {
    const error = { ...broken, code: 'job_cancelled' };
    expect(last({ status: 'cancelled', error, finish_reason: null })).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'cancelled', error: null, incomplete_details: null },
      done: ['incomplete'],
    });
  });

  test.each<[string, Delta[], number]>([
    ['a source alone', [{ type: 'annotation', choice: 0, annotation: { type: 'x', x: { a: 1 } } }], 1],
    ['tokens without text', [{ type: 'text', choice: 0, text: '', logprobs: [TOKEN] }], 1],
    ['text of nothing', [text(''), { type: 'reasoning', choice: 0, text: '' }], 0],
    ['another choice', [{ type: 'text', choice: 1, text: 'x' }], 0],
  ])('every item that was added is done: %s', (_, said, items) => {
    const { response, done } = last({}, said);
    expect(done).toEqual(Array(items).fill('completed'));
    expect(response.output).toHaveLength(items);
  });

  test('before any attempt', () => {
    const outcome = { status: 'cancelled', error: broken, finish_reason: null } as const;
    const all = eventsOf([end(0, outcome)], { background: true });
    expect(all.map(({ type }) => type)).toEqual([
      'response.created',
      'response.queued',
      'response.incomplete',
    ]);
    expect(all.at(-1)?.response).toMatchObject({ status: 'cancelled', output: [] });
  });

  test.each([
    ['rate_limit_exceeded', 'rate_limit_exceeded'],
    ['insufficient_quota', 'rate_limit_exceeded'],
    ['context_length_exceeded', 'invalid_prompt'],
    ['invalid_image_url', 'invalid_image_url'],
    ['upstream_timeout', 'server_error'],
    ['job_expired', 'server_error'],
  ])('the error %s has the code %s', (code, told) => {
    const { response } = last({ status: 'failed', error: { ...broken, code } });
    expect(response.error).toEqual({ code: told, message: 'Boom.' });
  });

  // Numbered as the last event, so that nothing is skipped by a reader who goes on behind it.
  test.each([
    [null, 1],
    [9, 9],
  ])('this server going away is told with the number to go on from, after %s', (after, number) => {
    const stream = responsesSurface.open(JOB, { background: true }, { after, epoch: 0 });
    const error = { message: 'x', type: 'server_error', param: null, code: 'attempt_interrupted' };
    const sent = stream.begin() + stream.fail(error);
    const [, told] = /event: error\ndata: (.*)\n\n$/.exec(sent) ?? [];
    const path = `/v1/responses/resp_${DIGITS}?stream=true&starting_after=${number}`;
    expect(JSON.parse(told ?? '')).toEqual({
      type: 'error',
      sequence_number: number,
      error: { ...error, message: `Sluice is shutting down; the response goes on: GET ${path}.` },
    });
    expect(stream.ended).toBe(true);
  });
});
