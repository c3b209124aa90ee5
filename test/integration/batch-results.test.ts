import { describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { batchEnded, batchLine, batchLines, createBatch, jsonLines } from '../support/batches.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const idsOf = (lines: { custom_id: string }[]): string[] => lines.map(({ custom_id }) => custom_id).sort();

describe('the results so far', () => {
  test('can be read while it runs, as can its jobs', async () => {
    const fast = batchLines(5);
    const slow = batchLine('slow', {
      model: 'scripted/echo',
      messages: [{ role: 'user', content: 'Slowly.' }],
      mock_response: { text: 'Slowly, slowly.', first_delay_ms: 60_000 },
    });
    const { id } = await createBatch(sluice.url, [...fast, slow]);
    const text = await untilOutput(id, 5);
    expect(idsOf(jsonLines(text))).toEqual(['line-1', 'line-2', 'line-3', 'line-4', 'line-5']);
    const jobs = await call('GET', `${sluice.url}/v1/batches/${id}/jobs?limit=4`);
    expect(jobs.body.data.map(({ custom_id }: { custom_id: string }) => custom_id)).toEqual([
      'line-1',
      'line-2',
      'line-3',
      'line-4',
    ]);
    const rest = await call('GET', `${sluice.url}/v1/batches/${id}/jobs?after=${jobs.body.last_id}`);
    expect(rest.body).toMatchObject({
      data: [{ custom_id: 'line-5' }, { custom_id: 'slow' }],
      has_more: false,
    });
    const running = await call('GET', `${sluice.url}/v1/batches/${id}/jobs?status=in_progress`);
    expect(running.body.data).toMatchObject([{ custom_id: 'slow', status: 'in_progress' }]);
    await call('POST', `${sluice.url}/v1/jobs/${running.body.data[0].id}/cancel`);
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({
      status: 'completed',
      request_counts: { completed: 5, failed: 1, cancelled: 1 },
    });
  });
});

describe('the jobs of a batch', () => {
  test('are listed without reading a segment for each line, also where no line is one', async () => {
    const refused = Array.from({ length: 300 }, (_, index) =>
      batchLine(`refused-${index}`, { model: 'scripted/echo', messages: [] }),
    );
    const { id } = await createBatch(sluice.url, [...refused, ...batchLines(2)]);
    await batchEnded(sluice.url, id);
    const before = await segmentsLookedUp();
    const jobs = await call('GET', `${sluice.url}/v1/batches/${id}/jobs?limit=1`);
    expect(jobs.body).toMatchObject({ data: [{ custom_id: 'line-1' }], has_more: true });
    expect((await segmentsLookedUp()) - before).toBeLessThan(30);
    const rest = await call('GET', `${sluice.url}/v1/batches/${id}/jobs?after=${jobs.body.last_id}`);
    expect(rest.body).toMatchObject({ data: [{ custom_id: 'line-2' }], has_more: false });
  });
});

async function segmentsLookedUp(): Promise<number> {
  const stats = await sluice.redis.info('commandstats');
  return Number(/^cmdstat_lindex:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

async function untilOutput(id: string, lines: number): Promise<string> {
  return eventually(`${lines} lines of output`, async () => {
    const text = await (await fetch(`${sluice.url}/v1/batches/${id}/output`)).text();
    return text.split('\n').length > lines ? text : null;
  });
}
