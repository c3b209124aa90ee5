import type { BatchRun } from './batch-measure.ts';
import { quantile } from './load.ts';
import { printRows } from './report.ts';

/** What a window of 1,000 lines may hold: record, log and ticket of each, 16 KB. All 50,000 would be some 300 MB. */
const WINDOW_MB = 16;

/** All that one run of the benchmark has found. */
export interface BatchFigures {
  /** Completions a second, 50 in flight: through the upstream over HTTP, and of the model that the lines ask. */
  readonly plain: number;
  readonly scripted: number;
  /** Ms to the first delta, with nothing else to do. */
  readonly idle: readonly number[];
  readonly batch: BatchRun;
}

/** Redis memory of a batch when a tenth of its lines had finished, and nine tenths: the median of the looks around there. */
export function redisGrowth({ redisMb }: BatchRun): { readonly early: number; readonly late: number } {
  const around = (share: number): number =>
    quantile(redisMb.filter((look) => Math.abs(look.share - share) < 0.1).map(({ mb }) => mb));
  return { early: around(0.1), late: around(0.9) };
}

export function printBatchTable({ plain, scripted, idle, batch }: BatchFigures): void {
  const busy = quantile(batch.firstDeltas);
  const calm = quantile(idle);
  const { early, late } = redisGrowth(batch);
  const peak = Math.max(...batch.redisMb.map(({ mb }) => mb));
  printRows([
    ['', '', 'ratio'],
    [
      `upload and validation (${batch.lines} lines, ${(batch.bytes / 1e6).toFixed(1)} MB)`,
      `${batch.ready.toFixed(2)} s`,
      '',
    ],
    ['memory meanwhile, above idle', `${batch.grewMb.toFixed(0)} MB`, ''],
    ['lines a second', batch.linesPerSecond.toFixed(0), ''],
    ['completions a second, plain', plain.toFixed(0), `${(batch.linesPerSecond / plain).toFixed(2)} x`],
    [
      'the same of the scripted model',
      scripted.toFixed(0),
      `${(batch.linesPerSecond / scripted).toFixed(2)} x`,
    ],
    ['first delta, idle, p50', `${calm.toFixed(2)} ms`, ''],
    ['first delta during the batch, p50', `${busy.toFixed(2)} ms`, `${(busy / calm).toFixed(2)} x`],
    ['first delta during the batch, p99', `${quantile(batch.firstDeltas, 0.99).toFixed(2)} ms`, ''],
    [
      'Redis above idle, at 10 % and 90 %',
      `${early.toFixed(1)}, ${late.toFixed(1)} MB`,
      `${(late / early).toFixed(2)} x`,
    ],
    ['Redis above idle, at most', `${peak.toFixed(1)} MB`, ''],
    ['results missing or repeated', String(batch.wrong), ''],
  ]);
}

/** The aims, each as kept or missed; those that were missed. */
export function batchVerdicts({ plain, idle, batch }: BatchFigures): string[] {
  const aims: [name: string, kept: boolean][] = [
    ['upload and validation in 5 s', batch.ready <= 5],
    ['at most 150 MB above the idle process meanwhile', batch.grewMb <= 150],
    ['0.6 x the plain rate', batch.linesPerSecond >= 0.6 * plain],
    ['first delta during a batch within 3 x idle', quantile(batch.firstDeltas) <= 3 * quantile(idle)],
    [`Redis within ${WINDOW_MB} MB above idle`, Math.max(...batch.redisMb.map(({ mb }) => mb)) <= WINDOW_MB],
    ['every line has one result', batch.wrong === 0],
  ];
  console.log();
  for (const [name, kept] of aims) console.log(`${kept ? 'kept  ' : 'MISSED'} ${name}`);
  return aims.filter(([, kept]) => !kept).map(([name]) => name);
}
