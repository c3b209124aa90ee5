import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A way to Redis on which announcements get lost, as they do when Redis cuts a subscriber's buffer. */
export interface LossyRedisProxy {
  /** What REDIS_URL takes. */
  readonly url: string;
  /** Messages of subscriptions that were swallowed, and those that were let through. */
  readonly dropped: number;
  readonly passed: number;
  stop(): Promise<void>;
}

/** A published message as a subscriber gets it, in either version of the protocol. */
const MESSAGE = /^[>*]3\r\n\$7\r\nmessage\r\n/;
const LONGEST_HEAD = 32;

/**
 * Stands between its clients and the Redis at `target` (the path of a Unix socket). `drop` is asked about
 * every published message; everything else passes untouched.
 */
export async function startLossyRedisProxy(target: string, drop: () => boolean): Promise<LossyRedisProxy> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-proxy-'));
  const url = join(dir, 'redis.sock');
  const sockets = new Set<Socket>();
  const counts = { dropped: 0, passed: 0 };
  const pass = (frame: Buffer): boolean => {
    if (!MESSAGE.test(frame.toString('latin1', 0, LONGEST_HEAD))) return true;
    const lost = drop();
    counts[lost ? 'dropped' : 'passed'] += 1;
    return !lost;
  };
  const server = createServer((client) => {
    const redis = connect(target);
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    client.pipe(redis);
    const splitter = new FrameSplitter();
    redis.on('data', (bytes) => {
      for (const frame of splitter.take(bytes)) if (pass(frame)) client.write(frame);
    });
  });
  await once(server.listen(url), 'listening');
  return {
    url,
    get dropped() {
      return counts.dropped;
    },
    get passed() {
      return counts.passed;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Cuts the replies of Redis into whole top-level frames. */
class FrameSplitter {
  #pending: Buffer = Buffer.alloc(0);

  *take(bytes: Buffer): Generator<Buffer> {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const end = endOfFrame(this.#pending, 0);
      if (end === null) return;
      yield this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
    }
  }
}

/** Where the frame that begins at `start` ends; null if its end has not arrived. */
function endOfFrame(buffer: Buffer, start: number): number | null {
  const lineEnd = buffer.indexOf('\r\n', start);
  if (lineEnd < 0) return null;
  const type = String.fromCharCode(buffer[start] ?? 0);
  const next = lineEnd + 2;
  if ('+-:_#,('.includes(type)) return next;
  const size = Number(buffer.toString('latin1', start + 1, lineEnd));
  if (size < 0) return next;
  if ('$=!'.includes(type)) return next + size + 2 <= buffer.length ? next + size + 2 : null;
  if (!'*~>%|'.includes(type)) throw new Error(`Redis sent a frame of the unknown type '${type}'.`);
  return endOfFrames(buffer, next, '%|'.includes(type) ? 2 * size : size);
}

function endOfFrames(buffer: Buffer, start: number, count: number): number | null {
  let end: number | null = start;
  for (let left = count; left > 0 && end !== null; left -= 1) end = endOfFrame(buffer, end);
  return end;
}
