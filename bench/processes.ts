import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process under measurement. It ends when the benchmark does: its standard input closes. */
export interface Measured {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a Node script and waits until it says which port it listens on. What it logs goes to a file: read
 * from a pipe, it would cost the load's own process time.
 */
export async function startNode(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-log-'));
  const file = join(folder, 'log');
  const log = openSync(file, 'w');
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', log, 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  });
  closeSync(log);
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (;;) {
    const found = /listening on (?:http:\/\/127\.0\.0\.1:)?(\d+)/.exec(readFileSync(file, 'utf8'));
    if (found) return { port: Number(found[1]), pid: child.pid ?? 0, stop };
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended before it listened`);
    await delay(20);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** Ticks a second in `/proc`: fixed at 100 on Linux. */
const TICK_MS = 10;

/** CPU time that a process has used, user and system, in ms. Linux only. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory of a process, in KB. Linux only. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
