import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Load, type Observation, quantile } from './load.ts';
import { cpuMs, type Measured, residentKb } from './processes.ts';
import { WIRES, type Wire } from './wires.ts';

export interface Target {
  readonly port: number;
  /** The processes whose CPU time a completion costs: server and Redis. */
  readonly pids: readonly number[];
}

export type Targets = Readonly<Record<'direct' | 'sluice' | 'peer', Target>>;
export type PerTarget<T> = Record<keyof Targets, T>;

const NAMES = ['direct', 'sluice', 'peer'] as const;

/** Ms, the middle and the 99th percentile. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export interface Throughput {
  readonly perSecond: number;
  /** CPU ms of server and Redis together; null where only the upstream worked. */
  readonly cpuMs: number | null;
  readonly wrong: number;
}

/** What one stream through a surface costs. */
export interface SurfaceCost {
  readonly name: string;
  /** CPU ms of server and Redis together. */
  readonly cpuMs: number;
  readonly wrong: number;
  /** With the way into the archive, which is not the stream's. */
  readonly stored: boolean;
}

function spread(values: readonly number[]): Spread {
  return { p50: quantile(values), p99: quantile(values, 0.99) };
}

/** What one wait for Redis costs a process that has nothing else to do: the yardstick for the latencies. */
export async function measureRoundTrip(redisUrl: string, rounds: number): Promise<Spread> {
  const redis = new Redis(redisUrl);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await delay(5);
    const began = performance.now();
    await redis.ping();
    times.push(performance.now() - began);
  }
  redis.disconnect();
  return spread(times);
}

/** Time to first delta with one request at a time, the targets taking turns. */
export async function measureIdle(load: Load, targets: Targets, rounds: number): Promise<PerTarget<Spread>> {
  const times: PerTarget<number[]> = { direct: [], sluice: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of NAMES) {
      const { firstDelta } = await load.completion(targets[name].port, { deltas: 3, pause: 5 });
      times[name].push(firstDelta);
      // An idle server is one that has finished with the request before.
      await delay(2);
    }
  }
  return { direct: spread(times.direct), sluice: spread(times.sluice), peer: spread(times.peer) };
}

/** How late deltas arrive that the upstream sends at a steady pace. */
export async function measureLateness(
  load: Load,
  targets: Targets,
  rounds: number,
): Promise<PerTarget<Spread>> {
  const late: PerTarget<number[]> = { direct: [], sluice: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of NAMES) {
      const shape = { deltas: 30, pause: 10 };
      const { observations } = await load.many(targets[name].port, shape, { total: 10, inFlight: 10 });
      late[name].push(...observations.flatMap((observation) => observation.lateness));
    }
  }
  return { direct: spread(late.direct), sluice: spread(late.sluice), peer: spread(late.peer) };
}

/** Completions a second with 50 in flight and 20 deltas each: the median of several rounds. */
export async function measureThroughput(
  load: Load,
  targets: Targets,
  { rounds, total }: { readonly rounds: number; readonly total: number },
): Promise<PerTarget<Throughput>> {
  const runs: PerTarget<Throughput[]> = { direct: [], sluice: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of NAMES) {
      const { port, pids } = targets[name];
      const before = pids.map(cpuMs);
      const { observations, seconds } = await load.many(
        port,
        { deltas: 20, pause: 0 },
        { total, inFlight: 50 },
      );
      const spent = spentSince(pids, before);
      runs[name].push({
        perSecond: total / seconds,
        cpuMs: pids.length > 0 ? spent / total : null,
        wrong: countWrong(observations),
      });
    }
  }
  return { direct: median(runs.direct), sluice: median(runs.sluice), peer: median(runs.peer) };
}

/** What a stream of 20 deltas costs through each surface: CPU ms of server and Redis, the medians of several rounds. */
export async function measureSurfaces(
  load: Load,
  { port, pids }: Target,
  { rounds, total }: { readonly rounds: number; readonly total: number },
): Promise<SurfaceCost[]> {
  const runs = WIRES.map((wire): { wire: Wire; cpu: number[]; wrong: number } => ({
    wire,
    cpu: [],
    wrong: 0,
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const run of runs) {
      const before = pids.map(cpuMs);
      const shape = { deltas: 20, pause: 0 };
      const { observations } = await load.many(port, shape, { total, inFlight: 50, wire: run.wire });
      if (run.wire.stores) await archived(port);
      run.cpu.push(spentSince(pids, before) / total);
      run.wrong += countWrong(observations);
    }
  }
  return runs.map(({ wire: { name, stores = false }, cpu, wrong }) => {
    return { name, cpuMs: quantile(cpu), wrong, stored: stores };
  });
}

/** Waits until the archive has everything. */
async function archived(port: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (/^sluice_archive_tasks 0$/m.test(metrics)) return;
    await delay(20);
  }
}

function spentSince(pids: readonly number[], before: readonly number[]): number {
  return pids.reduce((sum, pid, place) => sum + cpuMs(pid) - (before[place] ?? 0), 0);
}

function median(runs: readonly Throughput[]): Throughput {
  const cpu = runs.map((run) => run.cpuMs).filter((ms) => ms !== null);
  return {
    perSecond: quantile(runs.map((run) => run.perSecond)),
    cpuMs: cpu.length > 0 ? quantile(cpu) : null,
    wrong: runs.reduce((sum, run) => sum + run.wrong, 0),
  };
}

function countWrong(observations: readonly Observation[]): number {
  return observations.reduce((sum, { wrong }) => sum + wrong, 0);
}

export interface Readers {
  readonly count: number;
  readonly kbEach: number;
  /** Resident memory of a process that has just started and has nothing to do, in MB. */
  readonly idleMb: number;
}

/** Readers that are opened first, for the heap to grow to the size that garbage in passing needs. */
const WARM_UP_READERS = 500;

/**
 * What idle event streams cost: readers of a job that says nothing for a minute, on top of a few that came
 * before them.
 */
export async function measureReaders(fresh: Measured, count: number): Promise<Readers> {
  await delay(3000);
  const idle = residentKb(fresh.pid);
  const jobId = await submitSilentJob(fresh.port);
  const sockets: Socket[] = [];
  const open = async (wanted: number): Promise<number> => {
    while (sockets.length < wanted) {
      const more = Array.from({ length: 100 }, () => openReader(fresh.port, jobId));
      sockets.push(...(await Promise.all(more)));
    }
    await delay(3000);
    return residentKb(fresh.pid);
  };
  const before = await open(WARM_UP_READERS);
  const kbEach = ((await open(WARM_UP_READERS + count)) - before) / count;
  for (const socket of sockets) socket.destroy();
  await fetch(`http://127.0.0.1:${fresh.port}/v1/jobs/${jobId}/cancel`, { method: 'POST' });
  return { count, kbEach, idleMb: idle / 1024 };
}

async function submitSilentJob(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      body: { model: 'bench', max_tokens: 2, seed: 60_000, messages: [{ role: 'user', content: 'Wait.' }] },
    }),
  });
  return ((await response.json()) as { id: string }).id;
}

/** Resolves once the stream's first event has arrived. */
function openReader(port: number, jobId: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /v1/jobs/${jobId}/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    });
    let seen = '';
    socket.on('data', (bytes: Buffer) => {
      seen += bytes.toString('latin1');
      if (seen.includes('event: attempt')) resolve(socket);
    });
    socket.on('error', reject);
  });
}
