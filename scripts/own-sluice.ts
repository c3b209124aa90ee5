import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Runs `demo` against a Sluice of its own, with API, worker, feeder and a Redis in a temporary folder, and ends that. */
export async function withOwnSluice(
  demo: (url: string, folder: string) => Promise<boolean>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  const { child, url } = await startSluice(folder, environment);
  try {
    process.exitCode = (await demo(url, folder)) ? 0 : 1;
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}

async function startSluice(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; url: string }> {
  // A configuration or a Redis that this machine has for something else stays out of it.
  const { REDIS_URL: _redis, SLUICE_CONFIG: _config, ...env } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, PORT: '0', HOST: '127.0.0.1', SLUICE_DATA_DIR: folder, LOG_LEVEL: 'info', ...environment },
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listening = /"listening on (http:[^"]+)"/.exec(line)?.[1];
      if (listening) resolve(listening);
    });
    child.once('exit', (code) =>
      reject(new Error(`Sluice ended with exit code ${code} before it listened.`)),
    );
  });
  return { child, url };
}
