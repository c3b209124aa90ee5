import { describe, expect, it } from 'vitest';
import type { AttemptEvent } from '../../src/client/index.ts';
import { attemptEvent, connection, deltaEvent, endEvent, logEvent } from '../support/event-stream-script.ts';
import { JOB, scriptedLog } from '../support/scripted-log.ts';

const log = scriptedLog();
const { client, read, lastIds } = log;

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
    log.server.script(boundary());
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
    log.server.script(boundary());
    expect(await read()).toMatchObject({
      text: 'old ',
      error: { name: 'AttemptInterruptedError', code: 'attempt_interrupted', jobId: JOB },
    });
  });

  it('goes unseen where there was no text before it', async () => {
    log.server.script(
      connection(attemptEvent(1), attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])),
    );
    expect(await read()).toMatchObject({ text: 'new', error: null });
  });

  it('is no lost delta, although the numbers begin again', async () => {
    log.server.script(
      connection(attemptEvent(1), deltaEvent('1-1', 'old ')),
      connection(attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])),
    );
    expect(await read({ onAttempt: () => {} })).toMatchObject({ text: 'old new', error: null });
    expect(log.server.exchanges).toHaveLength(2);
  });
});

describe('a stream that begins in the middle', () => {
  it('holds all of the attempt against the digest, given what came before', async () => {
    log.server.script(connection(deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])));
    expect(await read({ after: '1-2', content: 'ab' })).toMatchObject({ text: 'c', error: null });
    expect(lastIds()).toEqual(['1-2']);
    expect(await read({ after: '1-2', content: 'aX' })).toMatchObject({ error: { name: 'LostDeltaError' } });
  });

  it('cannot hold what it has not seen against anything', async () => {
    log.server.script(connection(deltaEvent('1-3', 'c'), endEvent('1-4', ['a', 'b', 'c'])));
    expect(await read({ after: '1-2' })).toMatchObject({ text: 'c', error: null });
  });

  it('does not take a new attempt for the rest of the text before', async () => {
    log.server.script(connection(attemptEvent(2), deltaEvent('2-1', 'new'), endEvent('2-2', ['new'])));
    expect((await read({ after: '1-2', content: 'ab' })).error).toMatchObject({
      name: 'AttemptInterruptedError',
    });
  });

  it('asks what became of the job where nothing follows', async () => {
    log.server.script(
      { status: 204, steps: [] },
      { steps: [JSON.stringify({ status: 'completed', error: null })] },
    );
    expect(await read({ after: '1-4' })).toMatchObject({ deltas: [], error: null });
  });

  it('waits for the end of a job of which only others said that nothing follows', async () => {
    log.server.script(
      { status: 204, steps: [] },
      { steps: [JSON.stringify({ status: 'in_progress', error: null })] },
      { steps: [JSON.stringify({ status: 'cancelled', error: null })] },
    );
    expect(await read({ after: '1-4' })).toMatchObject({ deltas: [], error: { name: 'JobCancelledError' } });
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
    log.server.script(connection(...rebuilt(['all of it'], '2-40')));
    expect(await read()).toMatchObject({ text: 'all of it', error: null });
  });

  it('begins anew for one who had read a part of the log', async () => {
    log.server.script(connection(...rebuilt(['all of it'], '2-40')));
    let text = 'all ';
    const stream = client().jobs.stream(JOB, { after: '2-7', content: text, onAttempt: () => (text = '') });
    for await (const delta of stream) text += delta.text;
    expect(text).toBe('all of it');
  });

  it('is no text of a model that speaks of it', async () => {
    const words = '"replayed_from":"result"';
    log.server.script(connection(attemptEvent(1), deltaEvent('1-1', words), endEvent('1-2', [words])));
    expect(await read()).toMatchObject({ text: words, error: null });
  });
});
