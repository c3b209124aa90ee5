import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { attemptEvent, connection, logEvent } from '../support/event-stream-script.ts';
import { scriptedLog } from '../support/scripted-log.ts';

const scripted = scriptedLog();

function choiceEvent(id: string, index: number, delta: object, finish_reason: string | null = null): string {
  const choices = [{ index, delta, logprobs: null, finish_reason }];
  return logEvent('delta', id, {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices,
  });
}

it('the whole answer has nothing of an earlier attempt, in whatever order choices begin', async () => {
  const begin = { role: 'assistant', content: '' };
  const log = connection(
    attemptEvent(1),
    choiceEvent('1-1', 0, begin),
    choiceEvent('1-2', 0, { content: 'old' }),
    attemptEvent(2),
    choiceEvent('2-1', 1, begin),
    choiceEvent('2-2', 1, { content: 'second' }),
    choiceEvent('2-3', 0, begin),
    choiceEvent('2-4', 0, { content: 'first' }),
    logEvent('completed', '2-5', {
      status: 'completed',
      digest: {
        deltas: 4,
        sha256: createHash('sha256').update('secondfirst').digest('hex'),
      },
    }),
  );
  const job = { id: 'job_1', object: 'job', status: 'queued' };
  scripted.server.choose = ({ method }) =>
    method === 'POST'
      ? { headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(job)] }
      : log;
  const stream = scripted.client().completion({
    model: 'm',
    messages: [],
    n: 2,
    stream: true,
    onAttempt: () => {},
  });
  const { choices } = await stream.finalCompletion();
  expect(choices.map(({ message }) => message.content)).toEqual(['first', 'second']);
});
