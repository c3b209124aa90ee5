import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { startRedis } from '../support/redis-server.ts';

/** Runs a command on the server over a connection of its own. */
async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([{ port: true }, { port: false }])(
  'a server with %o keeps its address and data',
  async (options) => {
    const server = await startRedis({ ...options, aof: true });
    const { connectionUrl, pid } = server;
    await ask(connectionUrl, (redis) => redis.set('key', 'value'));
    await server.sigkill();
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await ask(connectionUrl, (redis) => redis.get('key'))).toBe('value');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(server.dir)).toBe(false);
  },
);

test('settings of the test reach the server, and one it refuses fails the start', async () => {
  const server = await startRedis({ extraArgs: ['--maxmemory', '64mb'] });
  const maxmemory = await ask(server.connectionUrl, (redis) => redis.config('GET', 'maxmemory'));
  expect(maxmemory).toEqual(['maxmemory', String(64 * 1024 * 1024)]);
  await server.stop();
  await expect(startRedis({ extraArgs: ['--no-such-setting', '1'] })).rejects.toThrow('no-such-setting');
});

test('a server ends with the process that started it, however that ends', async () => {
  const module = join(import.meta.dirname, '../support/redis-server.ts');
  const script = `
    const { startRedis } = await import(${JSON.stringify(module)});
    const { pid, dir } = await startRedis();
    console.log(JSON.stringify({ pid, dir }));
    process.kill(process.pid, 'SIGKILL');`;
  const killed = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const { stdout } = await killed.catch((error: { stdout: string }) => error);
  const { pid, dir } = JSON.parse(stdout);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 10 });
  await vi.waitFor(() => expect(existsSync(dir)).toBe(false), { timeout: 10_000, interval: 10 });
});
