import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** How a command runs. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** What a command left behind that ran in pipes. */
export interface CommandEnd {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npx sluice` runs. */
export const BIN = new URL('../../bin/sluice.js', import.meta.url).pathname;

/** What `sluice` gets of the environment: nothing of this machine's but where programs are. */
export function commandEnvironment(env: CommandOptions['env'] = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env };
}

/** Begins `sluice` with these arguments, its three streams being pipes. It ends with the test at the latest. */
export function startCommand(
  args: readonly string[],
  options: CommandOptions = {},
): ChildProcessWithoutNullStreams {
  const { env, cwd } = options;
  const child = spawn(process.execPath, [BIN, ...args], {
    env: commandEnvironment(env),
    ...(cwd !== undefined && { cwd }),
  });
  // A server that a failed test has left would run for ever.
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs it to its end. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const child = startCommand(args, options);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return endOf(child);
}

/** What a command prints, and how it ends. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<CommandEnd> {
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}
