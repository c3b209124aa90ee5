import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { connect, type NetConnectOpts } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const NAMES = ['redis-server', 'valkey-server'];
/** Where package managers put servers that are not on every PATH. */
const MORE_DIRECTORIES = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];
const OLDEST = { major: 7, minor: 0 };

/** The first redis-server or valkey-server in the folders, of those that are new enough, or null. */
export async function findRedisServer(directories = whereToLook()): Promise<string | null> {
  for (const directory of directories) {
    for (const name of NAMES) {
      const binary = join(directory, name);
      if (await isNewEnough(binary)) return binary;
    }
  }
  return null;
}

function whereToLook(): readonly string[] {
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== '');
  return [...path, ...MORE_DIRECTORIES];
}

async function isNewEnough(binary: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version']);
    const version = /v=(\d+)\.(\d+)/.exec(stdout);
    const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
    return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  } catch {
    return false;
  }
}

/**
 * Runs the server as a child and stops it at the end of file of descriptor 3, the lifeline. All three
 * processes keep that descriptor, so that the lifeline has a reader until the last of them is gone.
 * The reader is a subshell, not `cat`: when Redis ends by itself, killing the one leaves no other behind.
 */
const WATCHER = `
"$@" &
redis=$!
(while read -r _; do :; done; kill -TERM "$redis") <&3 &
reader=$!
wait "$redis"
status=$?
kill "$reader" 2>/dev/null
exit "$status"
`;

export interface WatchedProcess {
  /** The working directory, to which paths among the arguments may be relative. */
  readonly directory: string;
  readonly command: readonly string[];
  /** The read end of the lifeline. Nobody but the watcher and Redis should keep one. */
  readonly lifeline: number;
  /** Takes what the watcher and Redis print. */
  readonly output: number;
}

/** Starts a server that outlives this process only for as long as others hold its lifeline. */
export function spawnWatched({ directory, command, lifeline, output }: WatchedProcess): ChildProcess {
  const child = spawn('/bin/sh', ['-c', WATCHER, 'sluice-redis', ...command], {
    cwd: directory,
    // A session of its own: Ctrl-C in a terminal must not reach Redis before Sluice has drained.
    detached: true,
    stdio: ['ignore', output, output, lifeline],
  });
  child.unref();
  return child;
}

/** `absent`: nobody listens. `silent`: somebody does and says nothing. */
export type RedisState = 'ready' | 'loading' | 'absent' | 'silent';

/** Asks a server how it is. */
export function ping(address: NetConnectOpts, timeout = 1000): Promise<RedisState> {
  const { promise, resolve } = Promise.withResolvers<RedisState>();
  const socket = connect(address);
  socket.setTimeout(timeout, () => resolve('silent'));
  socket.once('connect', () => socket.write('PING\r\n'));
  // An answer arrives in one piece: it is shorter than any packet.
  socket.once('data', (answer) => resolve(answer.toString().startsWith('-LOADING') ? 'loading' : 'ready'));
  socket.once('error', () => resolve('absent'));
  socket.once('close', () => resolve('absent'));
  return promise.finally(() => socket.destroy());
}
