/**
 * `npm run bench`: one run, one table. The same load goes to a scripted upstream directly, through Sluice
 * (API and worker in one process) and through a peer built on resumable-stream. Only figures of one run are
 * comparable, as ratios: the parts take turns, and the medians are of several rounds.
 *
 *   npm run bench            about two minutes
 *   npm run bench -- --quick a shorter run, for a look
 *   npm run bench -- --json FILE   also writes every figure as JSON
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '../test/support/redis-server.ts';
import { Load } from './load.ts';
import {
  measureIdle,
  measureLateness,
  measureReaders,
  measureRoundTrip,
  measureSurfaces,
  measureThroughput,
  type Target,
} from './measure.ts';
import { type Measured, startNode } from './processes.ts';
import { printTable, verdicts } from './report.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const scale = values.quick ? 0.2 : 1;

const say = (line: string): void => console.error(`bench: ${line}`);

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const aof = { aof: true, extraArgs: ['--appendfsync', 'everysec'] };
const [redis, peerRedis] = await Promise.all([startRedis(aof), startRedis(aof)]);
const upstream = await startNode(['bench/upstream.ts']);
const upstreamUrl = `http://127.0.0.1:${upstream.port}`;

const config = join(folder, 'sluice.yaml');
await writeFile(
  config,
  `model_list:
  - model_name: bench
    litellm_params: { model: openai/bench, api_base: "${upstreamUrl}/v1", api_key: none }
`,
);
const startSluice = (): Promise<Measured> =>
  startNode(['--max-semi-space-size=16', '--import', './test/support/orphan-guard.ts', 'src/main.ts'], {
    PORT: '0',
    REDIS_URL: redis.connectionUrl,
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, 'data'),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: '.sluice/compiled',
  });
const sluice = await startSluice();
const peer = await startNode(['bench/peer.ts', peerRedis.connectionUrl, upstreamUrl], {
  NODE_ENV: 'production',
});

const load = new Load();
const targets: Record<'direct' | 'sluice' | 'peer', Target> = {
  direct: { port: upstream.port, pids: [] },
  sluice: { port: sluice.port, pids: [sluice.pid, redis.pid] },
  peer: { port: peer.port, pids: [peer.pid, peerRedis.pid] },
};

try {
  say('warming up');
  for (const target of Object.values(targets)) {
    await load.many(target.port, { deltas: 20, pause: 0 }, { total: Math.ceil(1500 * scale), inFlight: 50 });
  }
  const roundTrip = await measureRoundTrip(redis.connectionUrl, Math.ceil(400 * scale));
  say('time to first delta, idle');
  const idle = await measureIdle(load, targets, Math.ceil(400 * scale));
  say('lateness of deltas, 10 streams at 10 ms a delta');
  const lateness = await measureLateness(load, targets, Math.ceil(10 * scale));
  say('completions a second, 50 in flight');
  const throughput = await measureThroughput(load, targets, { rounds: 5, total: Math.ceil(2000 * scale) });
  say('CPU of a stream through each surface');
  const surfaces = await measureSurfaces(load, targets.sluice, { rounds: 5, total: Math.ceil(1500 * scale) });
  say('idle readers');
  await sluice.stop();
  const fresh = await startSluice();
  const readers = await measureReaders(fresh, Math.ceil(2000 * scale)).finally(() => fresh.stop());
  const figures = { roundTrip, idle, lateness, throughput, surfaces, readers };
  printTable(figures);
  const missed = verdicts(figures);
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...figures, missed }, null, 2)}\n`);
} finally {
  await load.close();
  await Promise.all([sluice.stop(), peer.stop(), upstream.stop()]);
  await Promise.all([redis.stop(), peerRedis.stop()]);
  await rm(folder, { recursive: true, force: true });
}
