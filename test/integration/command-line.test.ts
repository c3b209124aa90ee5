import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis-server.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let redis: TestRedis;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-command-'));
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `node src/main.ts` to its end, with no more of an environment than it is given. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // It should end by itself; one that starts after all does not outlive its test.
    timeout: 50_000,
    env: { PATH: process.env.PATH, PORT: '0', SLUICE_DATA_DIR: join(folder, 'data'), ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function config(name: string, text: string): Promise<Record<string, string>> {
  const file = join(folder, name);
  await writeFile(file, text);
  return { SLUICE_CONFIG: file };
}

const STACK = /^ +at /m;

describe('arguments', () => {
  test.each(['--help', '-h'])('%s explains how it is used', async (flag) => {
    const { code, stdout, stderr } = await run([flag]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: node src\/main\.ts \[--api\] \[--worker\] \[--feeder\]\n/);
    for (const word of ['PORT', 'HOST', 'REDIS_URL', 'SLUICE_CONFIG', 'SLUICE_MASTER_KEY', 'LOG_LEVEL']) {
      expect(stdout).toContain(word);
    }
  });

  test.each([
    [['--apii'], "Unknown option '--apii'."],
    [['--api=yes'], "Option '--api' does not take an argument."],
    [['worker'], "Unexpected argument 'worker'."],
    [['-x'], "Unknown option '-x'."],
  ])('%j is refused with a message and the usage', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.startsWith(`${message}\n\nUsage: node src/main.ts`)).toBe(true);
    expect(stderr).not.toMatch(STACK);
  });
});

describe('configuration', () => {
  test('every mistake is named at once, with its place', async () => {
    const text = [
      'model_list:',
      '  - model_name: gpt-4o',
      '    litellm_params:',
      '      model: nowhere/gpt-4o',
      '      timout: 5',
      'general_settings:',
      '  concurency: 5',
      '  job_timeout: soon',
      '',
    ].join('\n');
    const env = { ...(await config('mistakes.yaml', text)), PORT: '99999', LOG_LEVEL: 'loud' };
    const { code, stdout, stderr } = await run([], env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The configuration has 6 mistakes:\n/);
    for (const [place, word] of [
      [':4:14', 'nowhere'],
      [':5:7', 'timeout'],
      [':7:3', 'concurrency'],
      [':8:16', 'job_timeout'],
      ['environment', 'PORT'],
      ['environment', 'LOG_LEVEL'],
    ] as const) {
      const line = stderr.split('\n').find((each) => each.includes(place) && each.includes(word));
      expect(line, `${place} ${word} in:\n${stderr}`).toBeDefined();
    }
    expect(stderr).not.toMatch(STACK);
  });

  test('a file that is not there, or no YAML, is said so', async () => {
    const missing = await run([], { SLUICE_CONFIG: join(folder, 'missing.yaml') });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('does not exist, but SLUICE_CONFIG names it');
    expect(missing.stderr).not.toMatch(STACK);
    const broken = await run([], await config('broken.yaml', 'model_list: [\n'));
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('not valid YAML');
    expect(broken.stderr).not.toMatch(STACK);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'sluice.example'])(
    'it does not listen on %s without a master key',
    async (host) => {
      const { code, stdout, stderr } = await run([], { HOST: host, REDIS_URL: redis.connectionUrl });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('HOST  reaches beyond this machine, so clients must send a key');
      expect(stderr).toContain('SLUICE_MASTER_KEY');
      expect(stderr).not.toMatch(STACK);
    },
  );
});

describe('starting', () => {
  /** What the last line says of a process that could not start. */
  function failure({ code, stdout, stderr }: Outcome): string {
    expect([code, stderr]).toEqual([1, '']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.find(({ level }) => level === 'fatal')?.msg;
  }

  test('a port that is in use is named, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { PORT: String(port), REDIS_URL: redis.connectionUrl };
    expect(failure(await run(['--api'], env))).toBe(
      `could not start: cannot listen on 127.0.0.1:${port}: port ${port} is in use by another process: ` +
        'set PORT to another, or to 0 for any free one',
    );
    other.close();
  });

  test('an address that this machine does not have is named', async () => {
    const env = { HOST: '192.0.2.1', SLUICE_MASTER_KEY: 'sk-quetzal', REDIS_URL: redis.connectionUrl };
    const outcome = await run(['--api'], env);
    expect(failure(outcome)).toContain('cannot listen on 192.0.2.1:0: this machine has no such address');
    expect(outcome.stdout).not.toContain('sk-quetzal');
  });
});
