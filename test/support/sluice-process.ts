import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

/** One line of a process's log. */
export interface LogLine {
  readonly msg: string;
  readonly jobId?: string;
  readonly epoch?: number;
  readonly level: string;
  readonly [key: string]: unknown;
}

export type Role = 'api' | 'worker' | 'feeder';

export interface SluiceOptions {
  /** Default: all roles in one process. */
  readonly role?: Role | readonly Role[];
  /** Absent: the process starts its own Redis in a data folder of its own. */
  readonly redisUrl?: string;
  /** The text of a configuration file; absent: Sluice's defaults, which have `scripted/*`. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A project that has the package installed, to run that one. Absent: the sources. */
  readonly project?: string;
}

/** A real Sluice process. It ends with the test process: its standard input closes, see `orphan-guard.ts`. */
export interface SluiceProcess {
  /** `http://127.0.0.1:PORT`; empty without an API. */
  readonly url: string;
  readonly pid: number;
  readonly log: readonly LogLine[];
  /** What it printed besides: lines that are no JSON, and everything on standard error. */
  readonly strays: readonly string[];
  /** Resolves with the first line that matches, past ones included. */
  logged(match: (line: LogLine) => boolean, what: string): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code once the process has ended; null if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGKILL, and everything of it removed. Also what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts Sluice as `npm start` does, on a free port, and waits until it says that it is ready. */
export async function startSluice(options: SluiceOptions = {}): Promise<SluiceProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-process-'));
  const file = join(folder, 'sluice.yaml');
  if (options.config !== undefined) await writeFile(file, options.config);
  const roles = [options.role ?? []].flat();
  const child = spawn(
    process.execPath,
    [
      '--import',
      import.meta.resolve('./orphan-guard.ts'),
      options.project === undefined ? 'src/main.ts' : 'node_modules/sluice/dist/main.js',
      ...roles.map((role) => `--${role}`),
    ],
    {
      cwd: options.project,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        // As `npm start` does: all processes of all tests compile the sources once.
        NODE_COMPILE_CACHE: '.sluice/compiled',
        SLUICE_DATA_DIR: join(folder, 'data'),
        ...(options.redisUrl && { REDIS_URL: options.redisUrl }),
        ...(options.config !== undefined && { SLUICE_CONFIG: file }),
        ...options.env,
      },
    },
  );
  const log: LogLine[] = [];
  const strays: string[] = [];
  readLines(child, log, strays);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  // After the exit, because lines may still be on their way.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const logged = (match: (line: LogLine) => boolean, what: string): Promise<LogLine> =>
    eventually(what, () => log.find(match), {
      describe: () => [...log.slice(-15).map((l) => JSON.stringify(l)), ...strays].join('\n'),
    });
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await closed;
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const hasApi = roles.length === 0 || roles.includes('api');
    const ready = hasApi
      ? await logged((line) => line.msg.startsWith('listening on '), 'the API to listen')
      : await logged((line) => line.msg === `${roles.at(-1)} ready`, `the ${roles.at(-1)} to be ready`);
    return {
      url: hasApi ? `http://127.0.0.1:${String(ready.port)}` : '',
      pid: child.pid ?? 0,
      log,
      strays,
      logged,
      signal: (signal) => child.kill(signal),
      exited,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function readLines(child: ChildProcess, log: LogLine[], strays: string[]): void {
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        log.push(JSON.parse(line) as LogLine);
      } catch {
        strays.push(line);
      }
    });
  }
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => strays.push(line));
}
