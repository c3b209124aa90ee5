import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRedisServer, ping } from '../../src/store/redis-process.ts';
import { freePort } from './free-port.ts';

/** A real Redis server of one test's own. */
export interface TestRedis {
  /**
   * What ioredis and REDIS_URL take: the absolute path of the Unix socket, or `redis://127.0.0.1:<port>`
   * where the test asked for a port. It stays the same when the server is started again.
   */
  readonly connectionUrl: string;
  /** Everything the server writes; removed with it. */
  readonly dir: string;
  /** Of the server that runs now. */
  readonly pid: number;
  /** Kills the server without warning and resolves when it is gone. */
  sigkill(): Promise<void>;
  /** Kills the server if it runs, and starts it again on the same data. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  /** Listen on a free port of the loopback interface in place of a Unix socket. */
  readonly port?: boolean;
  /** Keep an append-only file, without which a killed server forgets everything. */
  readonly aof?: boolean;
  readonly extraArgs?: readonly string[];
}

/**
 * Starts a server that ends with this process, even if this process is killed: the server's parent is a
 * shell that waits for the end of a pipe which only this process holds open.
 */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const binary = await findRedisServer();
  if (binary === null) {
    throw new Error('The tests need redis-server or valkey-server: run `sh scripts/setup.sh`.');
  }
  const dir = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  for (let triesLeft = 3; ; triesLeft--) {
    const server = new Server(binary, dir, options, options.port ? await freePort() : null);
    try {
      await server.start();
      return server;
    } catch (error) {
      // Another process may have taken the port since it was free.
      if (options.port && triesLeft > 1) continue;
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }
}

const WATCHER = `
dir=$1
shift
"$@" 3<&- >>"$dir/redis.log" 2>&1 &
redis=$!
echo "$redis"
(while read -r _; do :; done; trap '' TERM; kill -KILL "$redis"; rm -rf "$dir") <&3 &
reader=$!
exec 3<&-
wait "$redis"
kill "$reader" 2>/dev/null
`;

class Server implements TestRedis {
  readonly connectionUrl: string;
  readonly dir: string;
  readonly #command: readonly string[];
  readonly #address: { path: string } | { host: string; port: number };
  #watcher: ChildProcess | null = null;
  #pid = 0;

  constructor(binary: string, dir: string, options: TestRedisOptions, port: number | null) {
    this.dir = dir;
    const path = join(dir, 'redis.sock');
    this.#address = port === null ? { path } : { host: '127.0.0.1', port };
    this.connectionUrl = port === null ? path : `redis://127.0.0.1:${port}`;
    const listen = port === null ? ['--port', '0', '--unixsocket', path] : ['--port', String(port)];
    const keep = ['--save', '', '--appendonly', options.aof ? 'yes' : 'no'];
    this.#command = [
      binary,
      ...listen,
      ...keep,
      ...['--bind', '127.0.0.1', '--dir', dir, '--maxmemory-policy', 'noeviction'],
      ...(options.extraArgs ?? []),
    ];
  }

  get pid(): number {
    return this.#pid;
  }

  async start(): Promise<void> {
    const watcher = spawn('/bin/sh', ['-c', WATCHER, 'test-redis', this.dir, ...this.#command], {
      // Out of the terminal's process group: Ctrl-C ends the tests, and those the servers.
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    this.#watcher = watcher;
    const [line] = await once(watcher.stdout ?? watcher, 'data');
    this.#pid = Number(String(line).trim());
    while ((await ping(this.#address)) !== 'ready') {
      if (hasEnded(watcher)) throw new Error(`Redis did not start:\n${this.#log()}`);
      await sleep(5);
    }
    // A server that nobody stopped ends with the process; it must not keep the process from ending.
    watcher.unref();
    for (const stream of watcher.stdio) if (stream instanceof Socket) stream.unref();
  }

  async sigkill(): Promise<void> {
    const watcher = this.#watcher;
    if (watcher === null || hasEnded(watcher)) return;
    watcher.ref();
    const gone = once(watcher, 'exit');
    process.kill(this.#pid, 'SIGKILL');
    await gone;
  }

  async restart(): Promise<void> {
    await this.sigkill();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.sigkill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #log(): string {
    return readFileSync(join(this.dir, 'redis.log'), 'utf8');
  }
}

function hasEnded(process: ChildProcess): boolean {
  return process.exitCode !== null || process.signalCode !== null;
}
