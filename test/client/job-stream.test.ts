import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AttemptEvent, type JobDelta, Sluice, type StreamOptions } from '../../src/client/index.ts';
import { attemptEvent, connection, deltaEvent, endEvent, logEvent } from '../support/event-stream-script.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const JOB = 'job_1';

let server: UpstreamServer;
beforeEach(async () => {
  server = await UpstreamServer.start();
});
afterEach(() => server.stop());

function client(options: object = {}): Sluice {
  return new Sluice({ baseURL: server.url, apiKey: null, ...options });
}

/** Everything that a stream yields, and what it throws. */
async function read(options: StreamOptions = {}, settings: object = {}) {
  const stream = client(settings).jobs.stream(JOB, options);
  const deltas: JobDelta[] = [];
  let error: unknown = null;
  try {
    for await (const delta of stream) deltas.push(delta);
  } catch (thrown) {
    error = thrown;
  }
  return { stream, deltas, error, text: deltas.map(({ text }) => text).join('') };
}

const lastIds = () => server.exchanges.map(({ headers }) => headers['last-event-id']);

describe('a stream of a job', () => {
  it('goes on behind the last offset when the connection breaks', async () => {
    server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'one ')),
      { status: 503, steps: [''] },
      { before: 'reset', steps: [] },
      connection(deltaEvent('1-2', 'two '), endEvent('1-3', ['one ', 'two '])),
    );
    const { text, error, stream, deltas } = await read();
    expect(error).toBeNull();
    expect(text).toBe('one two ');
    expect(deltas.map(({ offset }) => offset)).toEqual(['1-1', '1-2']);
    expect(stream.offset).toBe('1-3');
    expect(stream.outcome).toMatchObject({ status: 'completed', finish_reason: 'stop' });
    expect(lastIds()).toEqual([undefined, '1-1', '1-1', '1-1']);
  });

  it('takes nothing twice that comes twice', async () => {
    server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a')),
      connection(
        attemptEvent(1),
        deltaEvent('1-1', 'a'),
        deltaEvent('1-2', 'b'),
        endEvent('1-3', ['a', 'b']),
      ),
    );
    expect(await read()).toMatchObject({ text: 'ab', error: null });
  });

  it('reads again where a delta is missing', async () => {
    server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-3', 'c')),
      connection(deltaEvent('1-2', 'b'), deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])),
    );
    expect(await read()).toMatchObject({ text: 'abc', error: null });
    expect(lastIds()).toEqual([undefined, '1-1']);
  });

  it('gives up on a delta that stays missing', async () => {
    server.script(connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-3', 'c')));
    const { error, text } = await read();
    expect(text).toBe('a');
    expect(error).toMatchObject({ name: 'LostDeltaError', code: 'lost_delta', jobId: JOB, retryable: true });
    expect(server.exchanges).toHaveLength(4);
  });

  it.each([
    ['another content', ['a', 'x']],
    ['another number of deltas', ['a', 'b', '']],
  ])('refuses an end that tells of %s', async (_, deltas) => {
    server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-2', 'b'), endEvent('1-3', deltas)),
    );
    expect(await read()).toMatchObject({ text: 'ab', error: { name: 'LostDeltaError' } });
  });

  it('hashes a character that comes in two deltas as one', async () => {
    const [high = '', low = ''] = '😀'.split('');
    server.script(
      connection(
        attemptEvent(1),
        deltaEvent('1-1', high),
        deltaEvent('1-2', low),
        endEvent('1-3', [high, low]),
      ),
    );
    expect(await read()).toMatchObject({ text: '😀', error: null });
  });

  it('throws what became of a job that failed, behind its last delta', async () => {
    server.script(connection(attemptEvent(1), deltaEvent('1-1', 'a'), endEvent('1-2', ['a'], 'failed')));
    const { text, error } = await read();
    expect(text).toBe('a');
    expect(error).toMatchObject({
      name: 'JobFailedError',
      message: 'It broke.',
      code: 'upstream_error',
      status: 502,
      retryable: true,
      jobId: JOB,
    });
  });

  it.each([
    ['cancelled', 'JobCancelledError'],
    ['expired', 'JobExpiredError'],
  ])('throws for one that is %s', async (status, name) => {
    server.script(connection(endEvent('0-1', [], status)));
    expect((await read()).error).toMatchObject({ name });
  });

  it('does not try again what will not change', async () => {
    const body = { error: { message: 'No such job.', type: 'x', param: null, code: 'job_not_found' } };
    const headers = { 'content-type': 'application/json', 'x-request-id': 'req_7' };
    server.script({ status: 404, headers, steps: [JSON.stringify(body)] });
    expect((await read()).error).toMatchObject({
      name: 'NotFoundError',
      status: 404,
      code: 'job_not_found',
      message: 'No such job.',
      requestId: 'req_7',
      jobId: JOB,
      retryable: false,
    });
    expect(server.exchanges).toHaveLength(1);
  });

  it('gives up on a server that stays away', async () => {
    server.script({ before: 'reset', steps: [] });
    const { error } = await read({}, { reconnectFor: 0.3 });
    expect(error).toMatchObject({ name: 'APIConnectionError', status: null, retryable: true });
    expect(server.exchanges.length).toBeGreaterThan(1);
  });

  it('leaves a connection that has gone silent', async () => {
    server.script(
      { steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] },
      connection(deltaEvent('1-2', 'b'), endEvent('1-3', ['a', 'b'])),
    );
    expect(await read({}, { stallTimeout: 0.1 })).toMatchObject({ text: 'ab', error: null });
  });

  it('ends when its signal does, with the reason of that', async () => {
    server.script({ steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] });
    const controller = new AbortController();
    const reason = new Error('enough');
    const stream = client().jobs.stream(JOB, { signal: controller.signal });
    const rest = (async () => {
      for await (const _ of stream) controller.abort(reason);
    })();
    await expect(rest).rejects.toBe(reason);
    await (await server.received(1)).closed;
  });

  it('leaves no connection behind that is left early', async () => {
    server.script({ steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] });
    for await (const _ of client().jobs.stream(JOB)) break;
    await (await server.received(1)).closed;
    expect(server.exchanges).toHaveLength(1);
  });
});

describe('an attempt boundary', () => {
  const boundary = () =>
    connection(
      attemptEvent(1),
      deltaEvent('1-1', 'old '),
      logEvent('retry', '1-2', { epoch: 1, error: { code: 'upstream_error' }, at: 5 }),
      attemptEvent(2),
      deltaEvent('2-1', 'new'),
      endEvent('2-2', ['new']),
    );

  it('is told of, and text starts anew', async () => {
    server.script(boundary());
    let text = '';
    const attempts: AttemptEvent[] = [];
    const retries: unknown[] = [];
    const stream = client().jobs.stream(JOB, {
      onAttempt: (attempt) => {
        attempts.push(attempt);
        text = '';
      },
      onRetry: (retry) => retries.push(retry),
    });
    for await (const delta of stream) text += delta.text;
    expect(text).toBe('new');
    expect(attempts.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(retries).toEqual([{ epoch: 1, error: { code: 'upstream_error' }, at: 5 }]);
  });

  it('ends the stream of one who does not ask to be told', async () => {
    server.script(boundary());
    expect(await read()).toMatchObject({
      text: 'old ',
      error: { name: 'AttemptInterruptedError', code: 'attempt_interrupted', jobId: JOB },
    });
  });

  it('goes unseen where there was no text before it', async () => {
    server.script(
      connection(attemptEvent(1), attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])),
    );
    expect(await read()).toMatchObject({ text: 'new', error: null });
  });

  it('is no lost delta, although the numbers begin again', async () => {
    server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'old ')),
      connection(attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])),
    );
    expect(await read({ onAttempt: () => {} })).toMatchObject({ text: 'old new', error: null });
    expect(server.exchanges).toHaveLength(2);
  });
});

describe('a stream that begins in the middle', () => {
  it('holds all of the attempt against the digest, given what came before', async () => {
    server.script(connection(deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])));
    expect(await read({ after: '1-2', content: 'ab' })).toMatchObject({ text: 'c', error: null });
    expect(lastIds()).toEqual(['1-2']);
    expect(await read({ after: '1-2', content: 'aX' })).toMatchObject({ error: { name: 'LostDeltaError' } });
  });

  it('cannot hold what it has not seen against anything', async () => {
    server.script(connection(deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])));
    expect(await read({ after: '1-2' })).toMatchObject({ text: 'c', error: null });
  });

  it('does not take a new attempt for the rest of the text before', async () => {
    server.script(connection(attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])));
    expect((await read({ after: '1-2', content: 'ab' })).error).toMatchObject({
      name: 'AttemptInterruptedError',
    });
  });

  it('asks what became of the job where nothing follows', async () => {
    server.script(
      { status: 204, steps: [] },
      { steps: [JSON.stringify({ status: 'completed', error: null })] },
    );
    expect(await read({ after: '1-4' })).toMatchObject({ deltas: [], error: null });
  });

  it('refuses an offset that is none', () => {
    expect(() => client().jobs.stream(JOB, { after: 'seven' })).toThrow(/expected '<epoch>-<seq>'/);
  });
});

describe('a log that was rebuilt from the result', () => {
  const mark = { replayed_from: 'result' };
  const rebuilt = (deltas: readonly string[], id: string) =>
    [
      attemptEvent(2),
      ...deltas.map((text, index) => deltaEvent(`2-${index + 1}`, text)),
      endEvent(id, deltas),
    ].map((event) => event.replace(/\}\n\n$/, `,"replayed_from":"${mark.replayed_from}"}\n\n`));

  it('is read to its end, over the numbers that it lacks', async () => {
    server.script(connection(...rebuilt(['all of it'], '2-40')));
    expect(await read()).toMatchObject({ text: 'all of it', error: null });
  });

  it('begins anew for one who had read a part of the log', async () => {
    server.script(connection(...rebuilt(['all of it'], '2-40')));
    let text = 'all ';
    const stream = client().jobs.stream(JOB, { after: '2-7', content: text, onAttempt: () => (text = '') });
    for await (const delta of stream) text += delta.text;
    expect(text).toBe('all of it');
  });

  it('is no text of a model that speaks of it', async () => {
    const words = '"replayed_from":"result"';
    server.script(connection(attemptEvent(1), deltaEvent('1-1', words), endEvent('1-2', [words])));
    expect(await read()).toMatchObject({ text: words, error: null });
  });
});
