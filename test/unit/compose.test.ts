import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/load.ts';
import { COMPOSE_SCHEMA } from '../support/compose-schema.ts';
import { SCRIPTED } from '../support/provider-infos.ts';
import { startRedis } from '../support/redis-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const readRoot = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Service {
  command: string[];
  environment: Record<string, string>;
  depends_on: Record<string, unknown>;
  volumes: string[];
}

interface Compose {
  services: { redis: Service; api: Service; worker: Service };
  volumes: Record<string, null>;
}

const compose: Compose = parse(readRoot('docker-compose.yml'), { merge: true });
const validate = new Ajv({ strict: false, allErrors: true }).compile(COMPOSE_SCHEMA);

/** What is wrong with the compose file once this has been done to it. */
function mistakesAfter(change: (draft: Compose) => void): string[] {
  const draft = structuredClone(compose);
  change(draft);
  validate(draft);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('docker-compose.yml', () => {
  test('is valid', () => {
    expect(mistakesAfter(() => {})).toEqual([]);
  });

  test.each<[string, (draft: Compose) => void]>([
    ['must NOT have additional properties', (draft) => Object.assign(draft.services.api, { enviroment: {} })],
    ['must be string', (draft) => Object.assign(draft.services.api.environment, { PORT: 4000 })],
    ['must match pattern', (draft) => Object.assign(draft.services.redis, { stop_grace_period: '30 s' })],
    ['must be array', (draft) => Object.assign(draft.services.worker, { command: 'node src/main.ts' })],
  ])('the schema notices a mistake: %s', (message, change) => {
    expect(mistakesAfter(change)).toContainEqual(expect.stringContaining(message));
  });

  test('names only services, volumes and files that exist', () => {
    const { services, volumes } = compose;
    for (const service of Object.values(services)) {
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
      const named = (service.volumes ?? []).map((volume) => volume.split(':')[0]);
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(named));
    }
    for (const { command } of [services.api, services.worker]) {
      expect(command[0]).toBe('node');
      expect(existsSync(join(ROOT, command[2] ?? ''))).toBe(true);
    }
    expect(services.api.command[3]).toBe('--api');
    expect(services.worker.command[3]).toBe('--worker');
  });

  test.each(['api', 'worker'] as const)('gives the %s an environment that Sluice accepts', (name) => {
    const { environment } = compose.services[name];
    const filledIn = Object.entries(environment).map(([key, value]) => [
      key,
      value.replace(/^\$\{.*\}$/, 'sk-key'),
    ]);
    const { config } = readConfig(null, Object.fromEntries(filledIn), { providers: [SCRIPTED] });
    expect(config).toMatchObject({ redisUrl: 'redis://redis:6379', port: 4000, masterKey: 'sk-key' });
    expect(config.host).toBe(name === 'api' ? '0.0.0.0' : '127.0.0.1');
  });

  test('does not start without a key', () => {
    expect(compose.services.api.environment.SLUICE_MASTER_KEY).toMatch(/^\$\{SLUICE_MASTER_KEY:\?.+\}$/);
  });

  test('starts Redis with settings that Redis takes and that lose nothing', async () => {
    const [binary, ...extraArgs] = compose.services.redis.command;
    expect(binary).toBe('redis-server');
    const server = await startRedis({ extraArgs });
    const redis = new Redis(server.connectionUrl);
    const settings = await redis.config('GET', 'append*', 'maxmemory-policy', 'save');
    redis.disconnect();
    await server.stop();
    for (const [name, value] of Object.entries({ appendonly: 'yes', appendfsync: 'everysec', save: '' })) {
      expect(settings[settings.indexOf(name) + 1]).toBe(value);
    }
    expect(settings[settings.indexOf('maxmemory-policy') + 1]).toBe('noeviction');
  });
});

describe('Dockerfile', () => {
  /** The instructions, a line each, without comments. */
  const instructions = readRoot('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const argumentsOf = (name: string): string[] =>
    instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

  test('copies files that exist and that .dockerignore lets through', () => {
    const allowed = readRoot('.dockerignore').match(/(?<=^!).+$/gm) ?? [];
    const copied = argumentsOf('COPY').flatMap((line) => line.split(' ').slice(0, -1));
    expect(copied.sort()).toEqual([...allowed].sort());
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  test('has compiled the sources where its processes look for it', () => {
    const names = argumentsOf('ENV').flatMap((line) => line.split(' '));
    expect(names).toContain('NODE_COMPILE_CACHE=/app/.compiled');
    const compiled = instructions.indexOf('RUN ["node", "src/main.ts", "--help"]');
    expect(compiled).toBeGreaterThan(instructions.indexOf('USER node'));
  });

  test('has folders that its user can write, and that docker-compose.yml shares', () => {
    const variables = argumentsOf('ENV').flatMap((line) => line.split(' '));
    expect(variables).toContain('SLUICE_ARCHIVE_DIR=/app/archive');
    expect(variables).toContain('SLUICE_FILES_DIR=/app/files');
    const made = instructions.indexOf(
      'RUN install --directory --owner=node --group=node --mode=700 /app/archive /app/files /app/.compiled',
    );
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(instructions.indexOf('USER node'));
    for (const { volumes } of [compose.services.api, compose.services.worker]) {
      expect(volumes).toEqual(['archive:/app/archive', 'files:/app/files']);
    }
  });

  test('starts what was copied, not as root', () => {
    const [command] = argumentsOf('CMD').map((line) => JSON.parse(line));
    expect(command).toEqual(['node', '--max-semi-space-size=16', 'src/main.ts']);
    expect(argumentsOf('USER')).toEqual(['node']);
    expect(instructions.indexOf('USER node')).toBeLessThan(
      instructions.findIndex((line) => line.startsWith('CMD')),
    );
  });

  test('runs the Node that package.json pins', () => {
    const { devDependencies } = JSON.parse(readRoot('package.json'));
    const [major] = devDependencies.node.split('.');
    expect(argumentsOf('FROM')).toEqual([`node:${major}-slim`]);
  });
});
