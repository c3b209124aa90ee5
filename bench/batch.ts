/**
 * `npm run bench:batch`: one run, one table. A batch of 50,000 scripted lines of 200 bytes on a Sluice with API, worker and
 * feeder in one process, with other jobs beside it; and what the same process does without a batch.
 *
 *   npm run bench:batch            about two minutes
 *   npm run bench:batch -- --quick 5,000 lines, for a look
 *   npm run bench:batch -- --json FILE   also writes every figure as JSON
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '../test/support/redis-server.ts';
import { measureBatch, measureFirstDeltas, measureScripted } from './batch-measure.ts';
import { batchVerdicts, printBatchTable } from './batch-report.ts';
import { Load, quantile } from './load.ts';
import { startNode } from './processes.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const lines = values.quick ? 5000 : 50_000;
const rounds = values.quick ? 2 : 5;
const say = (line: string): void => console.error(`bench: ${line}`);

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const redis = await startRedis({ aof: true, extraArgs: ['--appendfsync', 'everysec'] });
const upstream = await startNode(['bench/upstream.ts']);
const config = join(folder, 'sluice.yaml');
await writeFile(
  config,
  `model_list:
  - model_name: bench
    litellm_params: { model: openai/bench, api_base: "http://127.0.0.1:${upstream.port}/v1", api_key: none }
  - model_name: scripted/*
    litellm_params: { model: scripted/* }
`,
);
const sluice = await startNode(
  ['--max-semi-space-size=16', '--import', './test/support/orphan-guard.ts', 'src/main.ts'],
  {
    PORT: '0',
    REDIS_URL: redis.connectionUrl,
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, 'data'),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: '.sluice/compiled',
  },
);
const subject = { port: sluice.port, pid: sluice.pid, redisUrl: redis.connectionUrl };
const load = new Load();
const shape = { deltas: 20, pause: 0 };

try {
  say('warming up');
  await load.many(sluice.port, shape, { total: 1500, inFlight: 50 });
  await measureBatch(load, subject, 500);
  say('completions a second without a batch');
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { seconds } = await load.many(sluice.port, shape, { total: 2000, inFlight: 50 });
    rates.push(2000 / seconds);
  }
  const scripted = await measureScripted(sluice.port, rounds, 2000);
  say('first delta without a batch');
  const idle = await measureFirstDeltas(load, sluice.port, (count) => count < 200);
  say(`a batch of ${lines} lines`);
  const batch = await measureBatch(load, subject, lines);
  const figures = { plain: quantile(rates), scripted, idle, batch };
  printBatchTable(figures);
  const missed = batchVerdicts(figures);
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...figures, missed }, null, 2)}\n`);
} finally {
  await load.close();
  await Promise.all([sluice.stop(), upstream.stop(), redis.stop()]);
  await rm(folder, { recursive: true, force: true });
}
