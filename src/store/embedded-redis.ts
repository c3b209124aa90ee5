import { closeSync, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../core/errors.ts';
import { Lifeline } from './lifeline.ts';
import { findRedisServer, ping, spawnWatched } from './redis-process.ts';
import { SOCKET_NAME, shortSocketPath } from './socket-path.ts';
import { type StartLock, tryStartLock } from './start-lock.ts';

/** The Redis server that Sluice runs by itself when it was given no other. */
export interface EmbeddedRedis {
  /** What clients connect to; it stays the same when the server is started again. */
  readonly socketPath: string;
  /**
   * Resolves when the server answers, having started it if it had ended. It is also done unasked when the
   * server goes away; a caller who lost a connection calls it to know when, or why not.
   */
  ensureRunning(): Promise<void>;
  /** Lets go of the server. If nobody else uses it, it stops, and this resolves when it has (or after 5 s). */
  close(): Promise<void>;
}

export interface EmbeddedRedisOptions {
  /** Everything is kept in `redis/` below it. Processes with the same folder share one server. */
  readonly dataDir: string;
  readonly logger?: EmbeddedRedisLogger;
}

export interface EmbeddedRedisLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Milliseconds that a server may take to answer, not counting while it reads its data. */
const PATIENCE = 20_000;
const POLL = 10;
const STOP_TIMEOUT = 5000;

/** No port; what was acknowledged is on disk within a second; memory that is full is an error, not a loss. */
const SETTINGS = [
  ['--port', '0'],
  ['--unixsocket', SOCKET_NAME],
  ['--unixsocketperm', '700'],
  ['--appendonly', 'yes'],
  ['--appendfsync', 'everysec'],
  ['--save', ''],
  ['--maxmemory-policy', 'noeviction'],
  ['--loglevel', 'warning'],
  ['--logfile', 'redis.log'],
  ['--daemonize', 'no'],
].flat();

/** What the shell answers for a command that it cannot run, and Redis for settings or data it cannot use. */
const FATAL_EXITS: readonly unknown[] = [1, 126, 127];

/** Where the server of a data folder listens while it runs. Throws where there never was one. */
export function embeddedSocketOf(dataDir: string): string {
  return shortSocketPath(realpathSync(join(dataDir, 'redis')));
}

/** Joins the server of the data folder, or starts it. Fails with what to do about it in the message. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const server = new SharedServer(options);
  try {
    await server.ensureRunning();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class SharedServer implements EmbeddedRedis {
  readonly socketPath: string;
  readonly #directory: string;
  readonly #lifeline: Lifeline;
  readonly #logger: EmbeddedRedisLogger | undefined;
  readonly #closing = new AbortController();
  #starting: Promise<void> | null = null;
  #sentinel: Socket | null = null;

  constructor({ dataDir, logger }: EmbeddedRedisOptions) {
    this.#logger = logger;
    try {
      const directory = join(dataDir, 'redis');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      this.#directory = realpathSync(directory);
      this.#lifeline = new Lifeline(join(this.#directory, 'lifeline'));
      this.socketPath = shortSocketPath(this.#directory);
    } catch (error) {
      throw folderProblem(dataDir, error);
    }
  }

  ensureRunning(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(unavailable('The embedded Redis was closed.'));
    this.#starting ??= this.#bringUp().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#starting?.catch(() => undefined);
    this.#sentinel?.destroy();
    this.#lifeline.release();
    const deadline = Date.now() + STOP_TIMEOUT;
    while (this.#lifeline.isServed() && !this.#lifeline.isHeld() && Date.now() < deadline) await sleep(POLL);
  }

  async #bringUp(): Promise<void> {
    const attempt: { failure: unknown } = { failure: null };
    let deadline = Date.now() + PATIENCE;
    while (!this.#closing.signal.aborted) {
      const held = this.#lifeline.hold();
      const state = await ping({ path: this.socketPath });
      if (state === 'ready' && held) return this.#watch();
      if (attempt.failure !== null) throw attempt.failure;
      if (state === 'loading') deadline = Date.now() + PATIENCE;
      if (Date.now() > deadline) throw unavailable(`Redis in ${this.#directory} does not answer.`);
      if (!this.#lifeline.isServed()) await this.#start(attempt);
      await sleep(POLL);
    }
    throw unavailable('The embedded Redis was closed while it started.');
  }

  /** Starts the server unless another process is doing so. The lock is held until the lifeline shows it. */
  async #start(attempt: { failure: unknown }): Promise<void> {
    const binary = await findRedisServer();
    if (binary === null) throw unavailable(MISSING_BINARY);
    let lock: StartLock | null = null;
    try {
      lock = tryStartLock(join(this.#directory, 'start.lock'));
      if (lock !== null && !this.#lifeline.isServed()) this.#spawn(binary, lock, attempt);
    } catch (error) {
      throw folderProblem(this.#directory, error);
    } finally {
      lock?.release();
    }
  }

  #spawn(binary: string, lock: StartLock, attempt: { failure: unknown }): void {
    const descriptors = [this.#lifeline.announce()];
    try {
      // Only now: whoever takes a lock that is lost from here on finds the server announced.
      if (!lock.isMine()) return;
      this.#lifeline.hold();
      const lifeline = this.#lifeline.openForServer();
      const output = openSync(join(this.#directory, 'redis.log'), 'a', 0o600);
      descriptors.push(lifeline, output);
      const command = [binary, ...SETTINGS];
      const child = spawnWatched({ directory: this.#directory, command, lifeline, output });
      this.#logger?.info({ binary, socket: this.socketPath }, 'starting Redis');
      child.once('error', (error) => {
        attempt.failure = unavailable(`Redis could not be started: ${error.message}`, error);
      });
      child.once('exit', (code) => {
        if (FATAL_EXITS.includes(code)) attempt.failure = unavailable(this.#whyRedisEnded());
      });
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
    }
  }

  /** Notices the server's end at once, by a connection that is used for nothing else. */
  #watch(): void {
    this.#sentinel?.destroy();
    const sentinel = connect(this.socketPath);
    sentinel.unref();
    sentinel.on('error', () => undefined);
    sentinel.once('close', () => {
      if (this.#closing.signal.aborted || sentinel !== this.#sentinel) return;
      this.#logger?.warn({ socket: this.socketPath }, 'Redis went away');
      void this.#recover();
    });
    this.#sentinel = sentinel;
  }

  async #recover(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        return await this.ensureRunning();
      } catch (error) {
        this.#logger?.warn({ err: error }, 'Redis could not be started again');
        await sleep(1000, undefined, { ref: false });
      }
    }
  }

  #whyRedisEnded(): string {
    const log = join(this.#directory, 'redis.log');
    return `Redis ended while it started: ${lastReason(log)} (see ${log}).`;
  }
}

function lastReason(log: string): string {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20);
    const reason = lines.findLast((line) => !/WARNING|oO0O|Configuration loaded/.test(line));
    return reason?.trim() ?? 'it gave no reason';
  } catch {
    return 'its log cannot be read';
  }
}

const MISSING_BINARY =
  'No redis-server or valkey-server 7.0 or newer was found. Run `sh scripts/setup.sh` to install one, or ' +
  'set REDIS_URL to a server that runs elsewhere.';

function folderProblem(folder: string, error: unknown): SluiceError {
  const reason = error instanceof Error ? error.message : String(error);
  return unavailable(`Sluice cannot use its data folder ${folder}: ${reason}.`, error);
}

function unavailable(message: string, cause?: unknown): SluiceError {
  return new SluiceError('storage_unavailable', message, { cause });
}
