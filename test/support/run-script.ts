import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ms after which a script is killed that does not end by itself; its exit code is null then. */
const PATIENCE = 20_000;

/** What a script has left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a module's text in a process of its own, in a new folder with these files, until it ends by itself. `LIBRARY` in the
 * text: where the module `sluice/local` is.
 */
export async function runScript(
  text: string,
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-script-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const library = new URL('../../src/local/index.ts', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-'], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: `${process.cwd()}/.sluice/compiled`, ...env },
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    child.stdin.end(text.replaceAll('LIBRARY', JSON.stringify(library)));
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}
