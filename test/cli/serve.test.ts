import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { openTerminal } from '../support/pseudo-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
const env = { SLUICE_DATA_DIR: join(folder, 'data') };

/** The address that a process says it listens on, among JSON. */
function listening(output: AsyncIterable<Buffer>): Promise<string> {
  return (async () => {
    let printed = '';
    for await (const data of output) {
      printed += data;
      const url = /"listening on (http:[^"]+)"/.exec(printed)?.[1];
      if (url !== undefined) return url;
    }
    throw new Error(`It never listened: ${printed}`);
  })();
}

describe('sluice serve', () => {
  it('runs Sluice, with JSON for its log, until it is told to stop', async () => {
    const child = startCommand(['serve', '--port', '0'], { env, cwd: folder });
    const stderr = text(child.stderr);
    const url = await listening(child.stdout.iterator({ destroyOnReturn: false }));
    child.stdout.resume();
    const { stdout } = await runCommand(['run', 'hello', '-m', 'scripted/echo', '--base-url', url]);
    expect(stdout).toBe('hello\n');
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(await stderr).toBe('');
  });

  it('runs in parts, on one Redis', async () => {
    const api = startCommand(['serve', 'api', '-p', '0'], { env, cwd: folder });
    const worker = startCommand(['serve', 'worker'], { env, cwd: folder });
    try {
      worker.stdout.resume();
      const url = await listening(api.stdout.iterator({ destroyOnReturn: false }));
      api.stdout.resume();
      const { stdout } = await runCommand(['run', 'through two', '-m', 'scripted/echo', '--base-url', url]);
      expect(stdout).toBe('through two\n');
    } finally {
      const ends = [api, worker].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      api.kill('SIGTERM');
      worker.kill('SIGTERM');
      expect(await Promise.all(ends)).toEqual([0, 0]);
    }
  });

  it('shows its log to people in a terminal, and stops at ctrl-C', async () => {
    await using screen = openTerminal(['serve', '--port', '0'], { env, cwd: folder, columns: 120 });
    await screen.shows(/INFO.*: listening on http:\/\/127\.0\.0\.1:\d+/);
    expect(screen.raw).not.toContain('{"level"');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(screen.lines.join('\n'))?.[0];
    const messages = [{ role: 'user', content: 'x' }];
    const body = { model: 'scripted/no\u009b2J', messages };
    await call('POST', `${url}/v1/jobs`, { body: { body } });
    await screen.shows(/job failed/);
    expect(screen.raw).toContain('no\ufffd2J');
    expect(screen.raw).not.toContain('\u009b');
    screen.type('\u0003');
    expect(await screen.exited).toBe(0);
    expect(screen.lines.join('\n')).toContain('worker drained');
  });

  it('says what is wrong, and does not start', async () => {
    const refused = await runCommand(['serve', 'proxy'], { env });
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are api, worker, feeder'),
    });
    const config = await runCommand(['serve', '-c', 'nonesuch.yaml'], { env, cwd: folder });
    expect(config).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') });
  });
});
