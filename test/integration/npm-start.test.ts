import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';

interface Line {
  readonly msg: string;
  readonly pid: number;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a signal to `npm start` reaches Sluice, which shuts down in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-npm-'));
  const env = { ...process.env, PORT: '0', SLUICE_DATA_DIR: folder, LOG_LEVEL: 'info' };
  const npm = spawn('npm', ['start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  createInterface({ input: npm.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Line);
  });
  try {
    const { pid } = await eventually('Sluice to listen', () =>
      lines.find(({ msg }) => msg.startsWith('listening on ')),
    );
    npm.kill('SIGTERM');
    await eventually('the process to end', () => !isAlive(pid));
    expect(lines.map(({ msg }) => msg)).toContain('worker drained');
  } finally {
    for (const pid of new Set(lines.map((line) => line.pid))) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
