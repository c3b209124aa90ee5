import { describe, expect, test } from 'vitest';
import { attempt, deltas, end, retry, text } from '../support/log-entries.ts';
import { DIGITS, eventsOf, readLog } from '../support/response-log.ts';

const BACKGROUND = { background: true };
/** Two attempts with text, and one without between them. */
const LOG = [
  attempt(1),
  deltas(1, text('first '), text('try')),
  retry(1),
  attempt(2),
  retry(2),
  attempt(3),
  deltas(3, text('second '), text('try')),
  end(3),
];
/** The number of the event that says that the first attempt was not the last. */
const BREAK = 7;

const types = (from: object, log = LOG) =>
  eventsOf(log, BACKGROUND, { after: null, epoch: 0, ...from }).map(({ type, sequence_number: n }) => [
    n,
    type.replace('response.', ''),
  ]);

const FIRST = [
  [0, 'created'],
  [1, 'queued'],
  [2, 'in_progress'],
];
const SECOND = [
  [8, 'in_progress'],
  [9, 'output_item.added'],
  [10, 'content_part.added'],
  [11, 'output_text.delta'],
  [12, 'output_text.delta'],
  [13, 'output_text.done'],
  [14, 'content_part.done'],
  [15, 'output_item.done'],
  [16, 'completed'],
];

test('who has text of an attempt that was not the last is told, and the stream ends', () => {
  expect(types({})).toEqual([
    ...FIRST,
    [3, 'output_item.added'],
    [4, 'content_part.added'],
    [5, 'output_text.delta'],
    [6, 'output_text.delta'],
    [BREAK, 'error'],
  ]);
  const [error] = eventsOf(LOG, BACKGROUND).slice(-1);
  expect(error?.error).toEqual({
    message:
      'The attempt that produced this text ended early; the response goes on: ' +
      `GET /v1/responses/resp_${DIGITS}?stream=true&starting_after=7.`,
    type: 'server_error',
    param: null,
    code: 'attempt_interrupted',
  });
});

test('who goes on from there gets the next attempt, from its beginning', () => {
  expect(types({ after: BREAK, epoch: 3 })).toEqual(SECOND);
  const events = eventsOf(LOG, BACKGROUND, { after: BREAK, epoch: 3 });
  expect(events[0]?.response.output).toEqual([]);
  expect(events[1]).toMatchObject({ output_index: 0, item: { id: `msg_${DIGITS}_3` } });
  expect(events.at(-1)?.response.output).toMatchObject([
    { id: `msg_${DIGITS}_3`, content: [{ text: 'second try' }] },
  ]);
});

test('who comes when the attempt is over is spared it; the numbers have a gap', () => {
  expect(types({ epoch: 3 })).toEqual([...FIRST, ...SECOND]);
  // Between two attempts, the next one is the one to wait for.
  expect(types({ epoch: 2 }, LOG.slice(0, 3))).toEqual(FIRST);
});

test('who resumes within the attempt gets its rest, and then is told', () => {
  expect(types({ after: 5, epoch: 3 })).toEqual([
    [6, 'output_text.delta'],
    [BREAK, 'error'],
  ]);
});

test('an attempt that said nothing leaves no trace', () => {
  const quiet = [attempt(1), deltas(1, { type: 'start', choice: 0 }), retry(1), attempt(2)];
  expect(types({}, quiet)).toEqual(FIRST);
});

test('text stays the answer where no attempt follows', () => {
  const error = { message: 'x', type: 'invalid_request_error', param: null, code: 'job_cancelled' };
  const log = [...LOG.slice(0, 3), end(1, { status: 'cancelled', error, finish_reason: null })];
  expect(
    types({}, log)
      .slice(-3)
      .map(([, type]) => type),
  ).toEqual(['content_part.done', 'output_item.done', 'incomplete']);
  expect(eventsOf(log, BACKGROUND).at(-1)?.response.output[0].content[0].text).toBe('first try');
});

test('in the foreground, where nothing can be resumed, the end is to be retrieved', () => {
  const [error] = eventsOf(LOG).slice(-1);
  expect(error?.error.message).toBe(
    'The attempt that produced this text ended early; the response goes on: ' +
      `its end is at GET /v1/responses/resp_${DIGITS}.`,
  );
});

describe('resumed at every number, a stream is the same bytes', () => {
  const one = [attempt(1), deltas(1, text('a'), text('b')), deltas(1, text('c')), end(1)];

  test('of one attempt', () => {
    const { frames } = readLog(one, BACKGROUND);
    expect(frames.length).toBe(12);
    for (const after of frames.keys()) {
      expect(readLog(one, BACKGROUND, { after, epoch: 1 }).frames, `after ${after}`).toEqual(
        frames.slice(after + 1),
      );
    }
  });

  test('of several', () => {
    const first = readLog(LOG, BACKGROUND, { after: null, epoch: 0 }).frames;
    const second = readLog(LOG, BACKGROUND, { after: BREAK, epoch: 3 }).frames;
    for (let after = 0; after < BREAK; after += 1) {
      const { frames, ended } = readLog(LOG, BACKGROUND, { after, epoch: 3 });
      expect(frames, `after ${after}`).toEqual(first.slice(after + 1));
      expect(ended).toBe(true);
    }
    for (let after = BREAK; after <= 16; after += 1) {
      const { frames } = readLog(LOG, BACKGROUND, { after, epoch: 3 });
      expect(frames, `after ${after}`).toEqual(second.slice(after - BREAK));
    }
  });
});
