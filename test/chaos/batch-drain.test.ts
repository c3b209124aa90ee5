import { expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { BatchClient, chatLines } from '../support/batch-client.ts';
import { Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

/** All of them run at once from the beginning. */
const LINES = 6;

it('a worker that is told to stop hands its lines to another, and no attempt counts as failed', {
  timeout: 60_000,
}, async () => {
  const cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { drain_grace: 0 },
    router_settings: { num_retries: 0 },
  });
  const batches = await BatchClient.open(cluster.redis.connectionUrl);
  try {
    const run = (role: 'feeder' | 'worker'): Promise<SluiceProcess> =>
      cluster.run(role, { env: batches.env });
    const [, leaving] = await Promise.all([run('feeder'), run('worker')]);
    // The first attempt of each says one word and then nothing more.
    const input = chatLines(LINES, (index) => ({ text: `${index}`, fail_attempts: 1, hang_after: 1 }));
    const { id } = await batches.create(input);
    await eventually('all lines to run', async () => {
      const [ids, records] = [
        await cluster.client.hlen(keys.window(id)),
        await cluster.client.keys('sluice:{job_*}'),
      ];
      const statuses = await Promise.all(
        records.map((key) => cluster.client.hget(key, 'status').catch(() => null)),
      );
      return ids === LINES && statuses.filter((status) => status === 'in_progress').length === LINES;
    });
    leaving.signal('SIGTERM');
    expect(await leaving.exited).toBe(0);
    expect(leaving.log.find(({ msg }) => msg === 'worker draining')?.running).toBe(LINES);
    await run('worker');
    expect((await batches.ended(id)).counts).toMatchObject({ total: LINES, completed: LINES, failed: 0 });
    const results = await Array.fromAsync(batches.results.read(id));
    expect(results).toHaveLength(LINES);
    for (const { record } of results) {
      expect(record?.epoch).toBe('2');
      expect(JSON.parse(record?.['attempt:1:end'] ?? '{}').status).toBe('handed_over');
    }
  } finally {
    await cluster[Symbol.asyncDispose]();
    await batches[Symbol.asyncDispose]();
  }
});
