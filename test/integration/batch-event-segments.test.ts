import { expect, test } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { batchEnded, batchLine, batchLines, createBatch } from '../support/batches.ts';
import { type JobEvent, readEvents } from '../support/job-reader.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const eventsOf = (id: string): string => `${sluice.url}/v1/batches/${id}/events`;

test('a reader of events asks for the segments that it has not read, and no others', async () => {
  const lines = [1, 2, 3, 4].map((second) =>
    batchLine(`line-${second}`, {
      model: 'scripted/echo',
      messages: [{ role: 'user', content: 'go' }],
      mock_response: { text: 'done', first_delay_ms: 700 * second },
    }),
  );
  const monitor = await sluice.redis.monitor();
  const asked: string[] = [];
  monitor.on('monitor', (_time: string, [command = '', key = '', from = '']: string[]) => {
    if (command.toLowerCase() === 'lrange') asked.push(`${key} ${from}`);
  });
  const { id } = await createBatch(sluice.url, lines);
  const told: JobEvent[] = [];
  for await (const event of readEvents(eventsOf(id))) told.push(event);
  expect(told.filter(({ event }) => event === 'line')).toHaveLength(4);
  const segments = await sluice.redis.llen(keys.segments(id));
  expect(segments).toBeGreaterThan(1);
  expect(asked).toContain(`${keys.segments(id)} ${segments}`);
  monitor.disconnect();
});

test('who cannot be told of all lines any more is not told of the end', async () => {
  const { id } = await createBatch(sluice.url, batchLines(300));
  await batchEnded(sluice.url, id);
  // As if the results were swept while somebody reads them.
  await sluice.redis.rpop(keys.segments(id));
  const told: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { event } of readEvents(eventsOf(id))) told.push(event);
  };
  await expect(read()).rejects.toThrow();
  expect(new Set(told)).toEqual(new Set(['line']));
});
