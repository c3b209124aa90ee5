import { afterEach, beforeEach, expect, it } from 'vitest';
import { scripted, submit } from '../support/api-client.ts';
import { Cluster, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type JobEvent, JobReader, readEvents } from '../support/job-reader.ts';
import { metric } from '../support/metrics.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { StalledReader } from '../support/stalled-reader.ts';

const MIB = 1024 * 1024;
/** Readers that are there before the job begins, and as many that come after its end. */
const READERS = 100;
/** Of which the events are 17 MB: several times what the kernel takes on behalf of a reader. */
const DELTAS = 60_000;
/** What the process may grow by, in bytes, for all the readers: they would cost 3.4 GB unbounded. */
const BOUND = 600 * MIB;

let cluster: Cluster;
let api: SluiceProcess;

beforeEach(async () => {
  cluster = await Cluster.start({
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    general_settings: { reader_stall_timeout: 1 },
  });
  api = await cluster.run('api');
});
afterEach(() => cluster[Symbol.asyncDispose]());

function stalledReaders(id: string): Promise<StalledReader[]> {
  const open = (): Promise<StalledReader> => StalledReader.open(`${api.url}/v1/jobs/${id}/events`);
  return Promise.all(Array.from({ length: READERS }, open));
}

const dropped = (): Promise<number> => metric(api.url, 'sluice_sse_readers_dropped_total');
const memory = (): Promise<number> => metric(api.url, 'process_resident_memory_bytes');

/** The most memory that the process had until so many readers had been dropped. */
async function peakUntilDropped(count: number): Promise<number> {
  let peak = 0;
  const look = async (): Promise<boolean> => {
    peak = Math.max(peak, await memory());
    return (await dropped()) >= count;
  };
  await eventually('the readers to be dropped', look, { within: 60_000 });
  return peak;
}

/** What a reader gets when it comes back after the last event that it has. */
async function restAfter(id: string, lastEventId: string): Promise<JobEvent[]> {
  const rest: JobEvent[] = [];
  for await (const event of readEvents(`${api.url}/v1/jobs/${id}/events`, { lastEventId })) rest.push(event);
  return rest;
}

it('readers that take nothing cost bounded memory, are dropped, and can resume', async () => {
  const id = await submit(api.url, scripted({ deltas: DELTAS }, 'scripted/lorem'));
  const early = await stalledReaders(id);
  await eventually('the readers', async () => (await metric(api.url, 'sluice_sse_readers')) === READERS);
  const before = await memory();

  const healthy = new JobReader(api.url, id);
  const followed = healthy.follow();
  await cluster.run('worker');
  const during = await peakUntilDropped(READERS);
  await settled(api.url, id);
  const late = await stalledReaders(id);
  const peak = Math.max(during, await peakUntilDropped(2 * READERS));
  await eventually('nobody to read', async () => (await metric(api.url, 'sluice_sse_readers')) === 0);
  console.log(`${2 * READERS} stalled readers: ${Math.round((peak - before) / MIB)} MiB`);
  expect(peak - before).toBeLessThan(BOUND);
  expect(await dropped()).toBe(2 * READERS);

  expect((await followed).event).toBe('completed');
  expect(healthy.connections).toBe(1);
  const ids = healthy.events.map((event) => event.id);
  for (const reader of [early[0], late[0], late.at(-1)]) {
    const had = (await reader?.drain())?.map((event) => event.id) ?? [];
    expect(had.length).toBeGreaterThan(0);
    expect(had.length).toBeLessThan(ids.length);
    const rest = await restAfter(id, had.at(-1) ?? '');
    expect([...had, ...rest.map((event) => event.id)]).toEqual(ids);
  }
  for (const reader of [...early, ...late]) reader.close();
}, 120_000);
