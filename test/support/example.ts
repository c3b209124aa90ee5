import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';

/** An example that runs, as its reader would start it. */
export interface Example {
  /** What it has printed. */
  readonly output: readonly string[];
  /** Resolves with the first line that matches. */
  printed(match: RegExp): Promise<string>;
  /** Where it listens. */
  url(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code; null: a signal ended it. */
  readonly exited: Promise<number | null>;
}

export interface ExampleOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In place of Node on a file. */
  readonly program?: readonly string[];
  /** Default: until the test ends. Whoever keeps it longer ends it with what is called back here. */
  readonly until?: (stop: () => Promise<void>) => void;
}

/** Runs `examples/<file>` in a process of its own, which ends with the test at the latest. */
export function runExample(file: string, options: ExampleOptions = {}): Example {
  const program = options.program ?? ['--conditions=sluice-source', `examples/${file}`];
  const child = spawn(process.execPath, [...orphanGuard, ...program, ...(options.args ?? [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PORT: '0', ...options.env },
  });
  const output: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => output.push(line));
  }
  const stop = async (): Promise<void> => {
    kill(child, 'SIGKILL');
    await exited;
  };
  (options.until ?? onTestFinished)(stop);
  const printed = (match: RegExp): Promise<string> =>
    eventually(`${file} to print ${match}`, () => output.find((line) => match.test(line)), {
      describe: () => output.slice(-20).join('\n'),
    });
  return {
    output,
    printed,
    url: async () => /http:\S+/.exec(await printed(/http:\S+/))?.[0].replace('localhost', '127.0.0.1') ?? '',
    signal: (signal) => kill(child, signal),
    exited,
  };
}

const orphanGuard = ['--import', './test/support/orphan-guard.ts'];

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}
