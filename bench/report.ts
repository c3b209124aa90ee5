import type { PerTarget, Readers, Spread, SurfaceCost, Throughput } from './measure.ts';

export interface Figures {
  /** A PING after 5 ms of idleness. */
  readonly roundTrip: Spread;
  readonly idle: PerTarget<Spread>;
  readonly lateness: PerTarget<Spread>;
  readonly throughput: PerTarget<Throughput>;
  /** Chat first. */
  readonly surfaces: readonly SurfaceCost[];
  readonly readers: Readers;
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;

/** One table: what was measured, for each way, and what Sluice adds or how it compares. */
export function printTable({ roundTrip, idle, lateness, throughput, surfaces, readers }: Figures): void {
  const { direct, sluice, peer } = throughput;
  const rows = [
    ['', 'direct', 'Sluice', 'resumable-stream', 'Sluice adds / ratio'],
    spreadRow('first delta, idle, p50', idle, 'p50'),
    spreadRow('first delta, idle, p99', idle, 'p99'),
    spreadRow('delta lateness, p50', lateness, 'p50'),
    spreadRow('delta lateness, p99', lateness, 'p99'),
    [
      'completions a second',
      direct.perSecond.toFixed(0),
      sluice.perSecond.toFixed(0),
      peer.perSecond.toFixed(0),
      `${(sluice.perSecond / peer.perSecond).toFixed(2)} x peer`,
    ],
    [
      'CPU a completion (with Redis)',
      '-',
      ms(sluice.cpuMs ?? Number.NaN),
      ms(peer.cpuMs ?? Number.NaN),
      `${((sluice.cpuMs ?? Number.NaN) / (peer.cpuMs ?? Number.NaN)).toFixed(2)} x peer`,
    ],
    ['deltas lost or repeated', String(direct.wrong), String(sluice.wrong), String(peer.wrong), ''],
    ['a Redis round trip after 5 ms, p50', '-', ms(roundTrip.p50), '-', ''],
    [`memory a reader (${readers.count})`, '-', `${readers.kbEach.toFixed(1)} KB`, '-', ''],
    ['memory before the readers', '-', `${readers.idleMb.toFixed(0)} MB`, '-', ''],
  ];
  printRows(rows);
  console.log();
  printRows([
    ['a stream through', 'CPU (with Redis)', 'to chat', 'lost or repeated'],
    ...surfaces.map((surface) => [
      surface.name,
      ms(surface.cpuMs),
      `${ratioToChat(surface, surfaces).toFixed(2)} x`,
      String(surface.wrong),
    ]),
  ]);
}

export function printRows(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

function ratioToChat(surface: SurfaceCost, [chat]: readonly SurfaceCost[]): number {
  return surface.cpuMs / (chat?.cpuMs ?? Number.NaN);
}

function spreadRow(name: string, values: PerTarget<Spread>, share: keyof Spread): string[] {
  const { direct, sluice, peer } = values;
  const added = sluice[share] - direct[share];
  return [name, ms(direct[share]), ms(sluice[share]), ms(peer[share]), `+${ms(added)}`];
}

/** Holds the figures against what the README promises; says and returns what was missed. */
export function verdicts({ idle, lateness, throughput, surfaces, readers }: Figures): string[] {
  const promises: [string, boolean][] = [
    ['first delta added when idle <= 2.5 ms', idle.sluice.p50 - idle.direct.p50 <= 2.5],
    ['delta lateness added <= 0.5 ms', lateness.sluice.p50 - lateness.direct.p50 <= 0.5],
    ['completions a second >= 0.5 x peer', throughput.sluice.perSecond >= 0.5 * throughput.peer.perSecond],
    [
      'no delta lost or repeated',
      throughput.sluice.wrong === 0 && surfaces.every(({ wrong }) => wrong === 0),
    ],
    ...surfaces
      .filter(({ stored }) => !stored)
      .slice(1)
      .map((surface): [string, boolean] => {
        return [
          `a stream through ${surface.name} <= 1.3 x chat's CPU`,
          ratioToChat(surface, surfaces) <= 1.3,
        ];
      }),
    ['an idle reader <= 30 KB', readers.kbEach <= 30],
    ['an idle process < 160 MB', readers.idleMb < 160],
  ];
  console.log();
  for (const [promise, kept] of promises) console.log(`${kept ? 'kept  ' : 'MISSED'}  ${promise}`);
  return promises.filter(([, kept]) => !kept).map(([promise]) => promise);
}
