import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startEmbeddedRedis } from '../../src/store/embedded-redis.ts';
import * as redisProcess from '../../src/store/redis-process.ts';

vi.mock(import('../../src/store/redis-process.ts'), async (original) => {
  const actual = await original();
  return { ...actual, findRedisServer: vi.fn(actual.findRedisServer) };
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function pretend(name: string, version: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

test.each([
  ['redis-server', 'Redis server v=7.0.0 sha=00000000:0 malloc=libc bits=64'],
  ['redis-server', 'Redis server v=10.0.1 sha=00000000:0 malloc=libc bits=64'],
  ['valkey-server', 'Valkey server v=8.0.1 sha=00000000:0 malloc=libc bits=64'],
])('%s is taken when it says "%s"', async (name, version) => {
  const path = pretend(name, version);
  expect(await redisProcess.findRedisServer([join(folder, 'missing'), folder])).toBe(path);
});

test.each([
  'Redis server v=6.2.16 sha=00000000:0 malloc=libc bits=64',
  'Redis server v=5.9.0 sha=00000000:0 malloc=libc bits=64',
  'something else altogether',
])('a server is passed over when it says "%s"', async (version) => {
  pretend('redis-server', version);
  expect(await redisProcess.findRedisServer([folder])).toBeNull();
  const newer = pretend('valkey-server', 'Valkey server v=7.2.5');
  expect(await redisProcess.findRedisServer([folder])).toBe(newer);
});

test('a machine without a server is told how to get one', async () => {
  vi.mocked(redisProcess.findRedisServer).mockResolvedValue(null);
  await expect(startEmbeddedRedis({ dataDir: folder })).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('sh scripts/setup.sh'),
  });
});
