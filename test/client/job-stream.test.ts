import { describe, expect, it } from 'vitest';
import { attemptEvent, connection, deltaEvent, endEvent } from '../support/event-stream-script.ts';
import { JOB, scriptedLog } from '../support/scripted-log.ts';

const log = scriptedLog();
const { client, read, lastIds } = log;

describe('a stream of a job', () => {
  it('goes on behind the last offset when the connection breaks', async () => {
    log.server.script(
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
    log.server.script(
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
    log.server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-3', 'c')),
      connection(deltaEvent('1-2', 'b'), deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])),
    );
    expect(await read()).toMatchObject({ text: 'abc', error: null });
    expect(lastIds()).toEqual([undefined, '1-1']);
  });

  it('reads again what came mutilated, and gives it up as lost in the end', async () => {
    const broken = deltaEvent('1-2', 'b').replace('}', '');
    log.server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a'), broken),
      connection(deltaEvent('1-2', 'b'), endEvent('1-3', ['a', 'b'])),
    );
    expect(await read()).toMatchObject({ text: 'ab', error: null });
    log.server.script(connection(attemptEvent(1), deltaEvent('1-1', 'a'), broken));
    expect(await read()).toMatchObject({ text: 'a', error: { name: 'LostDeltaError', jobId: JOB } });
  });

  it('takes an event of any size', async () => {
    const content = '\n'.repeat(9 * 1024 * 1024);
    log.server.script(connection(attemptEvent(1), deltaEvent('1-1', content), endEvent('1-2', [content])));
    const { text, error } = await read({ signal: AbortSignal.timeout(20_000) });
    expect(error).toBeNull();
    expect(text.length).toBe(content.length);
  }, 30_000);

  it('ends at once when it is aborted, although more has arrived', async () => {
    log.server.script(
      connection(
        attemptEvent(1),
        deltaEvent('1-1', 'a'),
        deltaEvent('1-2', 'b'),
        endEvent('1-3', ['a', 'b']),
      ),
    );
    const controller = new AbortController();
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of client().jobs.stream(JOB, { signal: controller.signal })) {
        texts.push(text);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(texts).toEqual(['a']);
  });

  it('gives up on a delta that stays missing', async () => {
    log.server.script(connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-3', 'c')));
    const { error, text } = await read();
    expect(text).toBe('a');
    expect(error).toMatchObject({ name: 'LostDeltaError', code: 'lost_delta', jobId: JOB, retryable: true });
    expect(log.server.exchanges).toHaveLength(4);
  });

  it.each([
    ['another content', ['a', 'x']],
    ['another number of deltas', ['a', 'b', '']],
  ])('refuses an end that tells of %s', async (_, deltas) => {
    log.server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'a'), deltaEvent('1-2', 'b'), endEvent('1-3', deltas)),
    );
    expect(await read()).toMatchObject({ text: 'ab', error: { name: 'LostDeltaError' } });
  });

  it('hashes a character that comes in two deltas as one', async () => {
    const [high = '', low = ''] = '😀'.split('');
    log.server.script(
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
    log.server.script(connection(attemptEvent(1), deltaEvent('1-1', 'a'), endEvent('1-2', ['a'], 'failed')));
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
    log.server.script(connection(endEvent('0-1', [], status)));
    expect((await read()).error).toMatchObject({ name });
  });

  it('does not try again what will not change', async () => {
    const body = { error: { message: 'No such job.', type: 'x', param: null, code: 'job_not_found' } };
    const headers = { 'content-type': 'application/json', 'x-request-id': 'req_7' };
    log.server.script({ status: 404, headers, steps: [JSON.stringify(body)] });
    expect((await read()).error).toMatchObject({
      name: 'NotFoundError',
      status: 404,
      code: 'job_not_found',
      message: 'No such job.',
      requestId: 'req_7',
      jobId: JOB,
      retryable: false,
    });
    expect(log.server.exchanges).toHaveLength(1);
  });

  it('does not follow a page, which never ends well', async () => {
    log.server.script({ headers: { 'content-type': 'text/html' }, steps: ['<!doctype html><p>App</p>'] });
    expect((await read()).error).toMatchObject({
      name: 'APIError',
      message: `${log.server.url} sends text/html in place of events. Is Sluice there?`,
      status: 200,
      retryable: false,
      jobId: JOB,
    });
    expect(log.server.exchanges).toHaveLength(1);
  });

  it('gives up on a server that stays away', async () => {
    log.server.script({ before: 'reset', steps: [] });
    const { error } = await read({}, { reconnectFor: 0.3 });
    expect(error).toMatchObject({ name: 'APIConnectionError', status: null, retryable: true });
    expect(log.server.exchanges.length).toBeGreaterThan(1);
  });

  it('leaves a connection that has gone silent', async () => {
    log.server.script(
      { steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] },
      connection(deltaEvent('1-2', 'b'), endEvent('1-3', ['a', 'b'])),
    );
    expect(await read({}, { stallTimeout: 0.1 })).toMatchObject({ text: 'ab', error: null });
  });

  it('may be silent for ever where that is allowed', async () => {
    log.server.script({
      steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), { delay: 50 }, endEvent('1-2', ['a'])],
    });
    expect(await read({}, { stallTimeout: Number.POSITIVE_INFINITY })).toMatchObject({
      text: 'a',
      error: null,
    });
    expect(log.server.exchanges).toHaveLength(1);
  });

  it('ends when its signal does, with the reason of that', async () => {
    log.server.script({ steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] });
    const controller = new AbortController();
    const reason = new Error('enough');
    const stream = client().jobs.stream(JOB, { signal: controller.signal });
    const rest = (async () => {
      for await (const _ of stream) controller.abort(reason);
    })();
    await expect(rest).rejects.toBe(reason);
    await (await log.server.received(1)).closed;
  });

  it('leaves no connection behind that is left early', async () => {
    log.server.script({ steps: [attemptEvent(1) + deltaEvent('1-1', 'a'), 'hang'] });
    for await (const _ of client().jobs.stream(JOB)) break;
    await (await log.server.received(1)).closed;
    expect(log.server.exchanges).toHaveLength(1);
  });
});
