import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startEmbeddedRedis } from '../../src/store/embedded-redis.ts';

let dataDir: string;
const owners: Owner[] = [];
const clients: Redis[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const owner of owners.splice(0)) await owner.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Another process with the same data folder. */
class Owner {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(folder = dataDir, env: NodeJS.ProcessEnv = {}) {
    const script = join(import.meta.dirname, '../support/embedded-redis-owner.ts');
    this.#child = spawn(process.execPath, [script, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    owners.push(this);
  }

  async line(): Promise<string> {
    return (await this.#lines.next()).value ?? 'ended';
  }

  /** The socket path, once the process has Redis. */
  async ready(): Promise<string> {
    const line = await this.line();
    expect(line).toMatch(/^ready /);
    return line.slice('ready '.length);
  }

  async tell(command: 'close' | 'ensure'): Promise<void> {
    this.#child.stdin.write(`${command}\n`);
    expect(await this.line()).toBe(`done ${command}`);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function client(path: string): Redis {
  const redis = new Redis({ path, retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  clients.push(redis);
  return redis;
}

async function pidOf(path: string): Promise<number> {
  const info = await client(path).info('server');
  return Number(/process_id:(\d+)/.exec(info)?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function untilGone(pid: number): Promise<void> {
  return vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 10 });
}

test('it starts a server with the promised settings and stops it on close', async () => {
  const redis = await startEmbeddedRedis({ dataDir });
  expect(redis.socketPath).toBe(join(dataDir, 'redis', 'redis.sock'));
  const pid = await pidOf(redis.socketPath);
  const settings = await client(redis.socketPath).config('GET', '*');
  const settingOf = (name: string): unknown => settings[settings.indexOf(name) + 1];
  expect(settingOf('appendonly')).toBe('yes');
  expect(settingOf('appendfsync')).toBe('everysec');
  expect(settingOf('save')).toBe('');
  expect(settingOf('port')).toBe('0');
  expect(settingOf('maxmemory-policy')).toBe('noeviction');
  await redis.close();
  expect(isAlive(pid)).toBe(false);
  await expect(redis.ensureRunning()).rejects.toThrow('closed');
});

test('processes share one server, which lives until the last of them is killed', async () => {
  const first = new Owner();
  const path = await first.ready();
  const second = new Owner();
  expect(await second.ready()).toBe(path);
  const pid = await pidOf(path);

  await first.kill();
  await client(path).set('still', 'here');
  expect(await pidOf(path)).toBe(pid);

  await second.kill();
  await untilGone(pid);
});

test('a process that closes leaves the server to the others', async () => {
  const other = new Owner();
  const path = await other.ready();
  const pid = await pidOf(path);
  const redis = await startEmbeddedRedis({ dataDir });
  await redis.close();
  expect(await pidOf(path)).toBe(pid);
  await other.tell('close');
  expect(isAlive(pid)).toBe(false);
});

test('what was written is there after every process was killed', async () => {
  const owner = new Owner();
  const path = await owner.ready();
  const pid = await pidOf(path);
  await client(path).set('job', 'accepted');
  await owner.kill();
  await untilGone(pid);

  const redis = await startEmbeddedRedis({ dataDir });
  expect(await client(redis.socketPath).get('job')).toBe('accepted');
  await redis.close();
});

test('a server that was killed is back with its data, in every process that uses it', async () => {
  const other = new Owner();
  const path = await other.ready();
  const redis = await startEmbeddedRedis({ dataDir });
  await client(path).set('job', 'accepted');
  const pid = await pidOf(path);
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  expect(existsSync(path)).toBe(true);

  await Promise.all([redis.ensureRunning(), redis.ensureRunning(), other.tell('ensure')]);
  expect(await client(path).get('job')).toBe('accepted');
  const successor = await pidOf(path);
  expect(successor).not.toBe(pid);

  await redis.close();
  expect(isAlive(successor)).toBe(true);
  await other.kill();
  await untilGone(successor);
});

test('a server that was killed comes back without anybody asking', async () => {
  const redis = await startEmbeddedRedis({ dataDir });
  const before = client(redis.socketPath);
  await before.set('job', 'accepted');
  process.kill(await pidOf(redis.socketPath), 'SIGKILL');
  expect(await before.get('job')).toBe('accepted');
  await redis.close();
});

test('a process that starts while the last one ends gets a server that stays', async () => {
  for (let round = 0; round < 5; round++) {
    const first = await startEmbeddedRedis({ dataDir });
    const closing = first.close();
    const second = await startEmbeddedRedis({ dataDir });
    await closing;
    await second.ensureRunning();
    const redis = client(second.socketPath);
    await redis.incr('rounds');
    expect(await redis.get('rounds')).toBe(String(round + 1));
    await second.close();
  }
});

test('four processes that start at once share one server', async () => {
  // A lock of a process that was killed while it started must not keep them from starting.
  mkdirSync(join(dataDir, 'redis'));
  writeFileSync(join(dataDir, 'redis', 'start.lock'), '{"pid":1,"started":"0","token":"abandoned"}');
  const four = Array.from({ length: 4 }, () => new Owner());
  const paths = await Promise.all(four.map((owner) => owner.ready()));
  const pids = await Promise.all(paths.map(pidOf));
  expect(new Set(pids).size).toBe(1);
  const [pid = 0] = pids;
  await Promise.all(four.map((owner) => owner.kill()));
  await untilGone(pid);
});

test('a folder with a long and odd name works, even for processes with other temporary folders', async () => {
  const folder = join(dataDir, 'a b?', 'c'.repeat(100));
  const [here, elsewhere] = [join(dataDir, 'here'), join(dataDir, 'elsewhere')];
  mkdirSync(here);
  mkdirSync(elsewhere);
  vi.stubEnv('TMPDIR', here);
  const redis = await startEmbeddedRedis({ dataDir: folder }).finally(() => vi.unstubAllEnvs());
  expect(Buffer.byteLength(redis.socketPath)).toBeLessThanOrEqual(100);
  expect(existsSync(join(folder, 'redis', 'redis.sock'))).toBe(true);

  const path = await new Owner(folder, { TMPDIR: elsewhere }).ready();
  expect(path).not.toBe(redis.socketPath);
  expect(await pidOf(path)).toBe(await pidOf(redis.socketPath));
  await redis.close();
});

test('a data folder that cannot be written is named', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(startEmbeddedRedis({ dataDir: join(file, 'data') })).rejects.toThrow(
    `Sluice cannot use its data folder ${file}/data`,
  );
});

test('data that Redis cannot read fails the start with its reason', async () => {
  const appendOnly = join(dataDir, 'redis', 'appendonlydir');
  mkdirSync(appendOnly, { recursive: true });
  writeFileSync(join(appendOnly, 'appendonly.aof.manifest'), 'no manifest');
  await expect(startEmbeddedRedis({ dataDir })).rejects.toThrow(
    /Redis ended while it started: .*redis\.log/s,
  );
});
