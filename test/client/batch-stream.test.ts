import { expect, it } from 'vitest';
import { connection, logEvent } from '../support/event-stream-script.ts';
import { scriptedLog } from '../support/scripted-log.ts';

const scripted = scriptedLog();

const BATCH = 'batch_1';
const line = (number: number) =>
  logEvent('line', String(number), { line: number, custom_id: `line-${number}`, status: 'completed' });
const end = logEvent('end', 'end', { id: BATCH, status: 'completed' });
const follow = () => scripted.client().batches.follow(BATCH);

it('a batch is followed over connections that break', async () => {
  scripted.server.script(connection(line(1)), connection(line(1), line(2), end));
  expect((await follow()).lines.map(({ custom_id }) => custom_id)).toEqual(['line-1', 'line-2']);
  expect(scripted.lastIds()).toEqual(['0', '1']);
});

it.each([
  ['missing', connection(line(1), line(3), end)],
  ['mutilated', connection(line(1), line(2).replace('}', ''), end)],
])('a line that is %s is told of as lost', async (_, script) => {
  scripted.server.script(script);
  await expect(follow()).rejects.toMatchObject({
    name: 'LostDeltaError',
    code: 'lost_line',
    message: expect.stringContaining(`${BATCH} after its first 1`),
  });
});

it('a batch whose events end without an end is worth another try', async () => {
  scripted.server.script(connection(line(1)), { status: 204, steps: [] });
  await expect(follow()).rejects.toMatchObject({ name: 'APIError', retryable: true });
});
