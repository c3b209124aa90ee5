import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { startRedis, type TestRedis } from '../support/redis-server.ts';
import { startSluice } from '../support/sluice-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
let good: TestRedis;
let bad: TestRedis;
beforeAll(async () => {
  good = await startRedis({ aof: true });
  bad = await startRedis({ extraArgs: ['--maxmemory-policy', 'allkeys-lru'] });
});
afterAll(async () => {
  await Promise.all([good.stop(), bad.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

interface Finding {
  readonly state: string;
  readonly what: string;
  readonly found: string;
  readonly mend?: string;
}

async function examine(
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await runCommand(['doctor', '--json'], {
    cwd: folder,
    env: { SLUICE_BASE_URL: NOWHERE, SLUICE_DATA_DIR: join(folder, 'data'), ...env },
  });
  expect(stderr).toBe('');
  return { code, findings: JSON.parse(stdout) };
}

const about = (findings: readonly Finding[], what: string) =>
  findings.filter((finding) => finding.what === what);

describe('sluice doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    await using sluice = await startSluice({ redisUrl: good.connectionUrl });
    const { code, findings } = await examine({
      REDIS_URL: good.connectionUrl,
      SLUICE_BASE_URL: sluice.url,
      OPENAI_API_KEY: 'sk-secret',
    });
    expect(code).toBe(0);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(about(findings, 'Redis version')[0]?.found).toMatch(/^(Redis|Valkey) \d+\.\d+/);
    expect(about(findings, 'Redis persistence')[0]?.found).toBe('appendonly yes, appendfsync everysec');
    expect(about(findings, 'Redis memory')[0]?.found).toMatch(/^noeviction, /);
    expect(about(findings, 'Redis latency')[0]?.found).toMatch(/^\d+\.\d\d ms$/);
    expect(about(findings, 'server')[0]?.found).toBe(`${sluice.url}, with 1 worker`);
    expect(about(findings, 'providers')[0]?.found).toBe('openai');
    expect(JSON.stringify(findings)).not.toContain('sk-secret');
  });

  it('names what is wrong with Redis, and the command that mends it', async () => {
    const address = bad.connectionUrl.startsWith('/') ? `-s ${bad.connectionUrl}` : '-u "$REDIS_URL"';
    const mended =
      `redis-cli ${address} CONFIG SET appendonly yes; ` +
      'and start it with --appendonly yes, as it has no configuration file';
    const { code, findings } = await examine({ REDIS_URL: bad.connectionUrl });
    expect(code).toBe(1);
    expect(about(findings, 'Redis persistence')).toEqual([
      {
        state: 'wrong',
        what: 'Redis persistence',
        found: 'appendonly is off: a restart forgets accepted jobs.',
        mend: mended,
      },
    ]);
    expect(about(findings, 'Redis memory')[0]).toMatchObject({
      state: 'wrong',
      mend: expect.stringMatching(/^redis-cli .* CONFIG SET maxmemory-policy noeviction/),
    });
  });

  it('says that Redis cannot be reached, or is not there', async () => {
    const unreachable = await examine({ REDIS_URL: 'redis://127.0.0.1:9' });
    expect(unreachable.code).toBe(1);
    expect(about(unreachable.findings, 'Redis')[0]).toMatchObject({
      state: 'wrong',
      found: expect.stringMatching(/^REDIS_URL cannot be reached: .*ECONNREFUSED/),
    });
    const own = await examine({});
    expect(about(own.findings, 'Redis')[0]?.found).toMatch(/^Sluice's own, .*; it does not run now$/);
  });

  it('says that keys and server are missing, which is no error', async () => {
    const { code, findings } = await examine({ REDIS_URL: good.connectionUrl });
    expect(code).toBe(0);
    expect(about(findings, 'providers')[0]).toMatchObject({
      state: 'doubtful',
      mend: expect.stringContaining('OPENAI_API_KEY'),
    });
    expect(about(findings, 'server')[0]).toMatchObject({
      state: 'doubtful',
      found: `None answers at ${NOWHERE}.`,
    });
  });

  it('repeats every mistake of the configuration', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(
      file,
      'model_list:\n  - model_name: x\n    litellm_params: {model: nope/x}\nrouter_settings: {num_retries: -1}\n',
    );
    const { code, findings } = await examine({ SLUICE_CONFIG: file });
    expect(code).toBe(1);
    expect(
      about(findings, 'configuration')
        .map(({ found }) => found)
        .join('\n'),
    ).toMatch(/nope[\s\S]*num_retries/);
  });

  it('counts the mistakes of the environment', async () => {
    const { findings } = await examine({ REDIS_URL: 'http://me:secret@127.0.0.1:9' });
    expect(about(findings, 'configuration')).toHaveLength(1);
    expect(about(findings, 'configuration')[0]?.found).toContain('REDIS_URL');
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  it('finds that a server wants a key', async () => {
    const env = { SLUICE_MASTER_KEY: 'sk-master' };
    await using sluice = await startSluice({ redisUrl: good.connectionUrl, env, role: 'api' });
    const named = { REDIS_URL: good.connectionUrl, SLUICE_BASE_URL: sluice.url };
    expect(
      about((await examine({ ...named, SLUICE_API_KEY: 'sk-other' })).findings, 'server')[0],
    ).toMatchObject({
      state: 'wrong',
      mend: 'Set SLUICE_API_KEY to its master key.',
    });
    expect(about((await examine({ ...named, ...env })).findings, 'server')[0]?.mend).toBe(
      'sluice serve worker',
    );
  });

  it('finds a server without workers', async () => {
    await using sluice = await startSluice({ redisUrl: good.connectionUrl, role: 'api' });
    const { code, findings } = await examine({ REDIS_URL: good.connectionUrl, SLUICE_BASE_URL: sluice.url });
    expect(code).toBe(1);
    expect(about(findings, 'server')[0]).toMatchObject({ state: 'wrong', mend: 'sluice serve worker' });
  });

  it('is read by people as well', async () => {
    const { code, stdout, stderr } = await runCommand(['doctor'], {
      cwd: folder,
      env: { REDIS_URL: bad.connectionUrl, SLUICE_BASE_URL: NOWHERE },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ Node\.js {2}\d+/);
    expect(stdout).toContain('✗ Redis persistence  appendonly is off');
    expect(stdout).toContain('    → redis-cli ');
    expect(stderr).toBe('\n2 things are wrong.\n');
  });
});

describe('sluice config check', () => {
  it('says what a configuration offers, without its keys', async () => {
    const file = join(folder, 'right.yaml');
    const models = [
      { model_name: 'gpt', litellm_params: { model: 'openai/gpt-4o', api_key: 'sk-secret' } },
      { model_name: 'gpt', litellm_params: { model: 'mistral/large' } },
    ];
    writeFileSync(file, JSON.stringify({ model_list: models }));
    const { code, stdout } = await runCommand(['config', 'check', file]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${file} is right. It offers:`);
    expect(stdout).toMatch(
      /gpt +openai\/gpt-4o +has a key\n +mistral\/large +no key: MISTRAL_API_KEY is not set/,
    );
    const json = await runCommand(['config', 'check', file, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ source: file, models: [{ name: 'gpt' }] });
    expect(stdout + json.stdout).not.toContain('sk-secret');
  });

  it('says every mistake with its place', async () => {
    const file = join(folder, 'mistakes.yaml');
    writeFileSync(file, 'model_list:\n  - model_name: x\n    litellm_params: {model: opnai/x}\n');
    const { code, stdout, stderr } = await runCommand(['config', 'check', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('3:');
    expect(stderr).toContain('openai');
    expect((await runCommand(['config', 'check', join(folder, 'nonesuch.yaml')])).stderr).toContain(
      'does not exist',
    );
  });
});
