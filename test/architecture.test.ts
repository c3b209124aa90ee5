import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findLongFiles, findUndeclared, findViolations, type Sources } from './support/architecture.ts';

const ROOT = join(import.meta.dirname, '..');

/** Without what stands in folders with a dot, which is made of these. */
function read(folders: readonly string[], extensions: RegExp): Sources {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*`),
    { cwd: ROOT, exclude: ['bench/results/**'] },
  );
  const files = paths.filter((path) => extensions.test(path));
  return new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

describe('the project', () => {
  const sources = read(['src'], /\.ts$/);
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

  test('has sources', () => {
    expect(sources.size).toBeGreaterThan(10);
  });

  test('keeps to the floors', () => {
    expect(findViolations(sources)).toEqual([]);
  });

  test('declares the packages that it imports, and no others', () => {
    const { dependencies, peerDependencies = {} } = manifest;
    expect(findUndeclared(sources, Object.keys(dependencies), Object.keys(peerDependencies))).toEqual([]);
  });

  test('has no file that is too long to read', () => {
    const code = read(['src', 'test', 'bench', 'scripts', 'examples'], /\.(tsx?|js|mjs|sh|lua|css|html)$/);
    expect(findLongFiles(code)).toEqual([]);
  });
});

describe('the checker', () => {
  /** The violations of a project made of the files given, each with one line. */
  const check = (files: Record<string, string>): string[] => findViolations(new Map(Object.entries(files)));

  /** The violations of a project of two files, of which the first imports the second. */
  const checkPair = (from: string, to: string): string[] => {
    const root = from.split('/').length === 2 ? '.' : '..';
    return check({ [from]: `import '${root}${to.slice(3)}';`, [to]: '' });
  };

  const core = { 'src/core/job.ts': '' };

  test('allows what the floors allow', () => {
    const files = {
      ...core,
      'src/core/fold.ts':
        "import { createHash } from 'node:crypto';\nimport { z } from 'zod';\nimport './job.ts';",
      'src/store/keys.ts': "import '../core/job.ts';",
      'src/store/lua/load.ts': "import '../keys.ts'; import { Redis } from 'ioredis';",
      'src/api/routes/jobs.ts': "import { keys } from '../../store/keys.ts'; import express from 'express';",
      'src/client/client.ts': "import '../core/job.ts'; import { createParser } from 'eventsource-parser';",
      'src/react/use-job.ts':
        "import '../client/client.ts'; import '../core/job.ts'; import { useEffect } from 'react';",
      'src/local/completion.ts': "import '../client/client.ts'; import '../store/keys.ts';",
      'src/serve.ts': "import './api/routes/jobs.ts';",
      'src/main.ts': "import './serve.ts';",
      'src/cli/main.ts': "import '../serve.ts'; import '../client/client.ts'; import 'commander';",
    };
    expect(check(files)).toEqual([]);
  });

  test.each([
    ['a side effect', "import '../api/server.ts';"],
    ['names over several lines', "import {\n  one,\n  two,\n} from '../api/server.ts';"],
    ['a type', 'import type { Server } from "../api/server.ts";'],
    ['an export', "export * from '../api/server.ts';"],
    ['a dynamic import', "const server = await import('../api/server.ts');"],
    ['a dynamic import of a template', 'const server = await import(`../api/server.ts`);'],
    ['a type query', "type Server = import('../api/server.ts').Server;"],
    ['one after a comment', "/* import */ // from 'x'\nimport '../api/server.ts';"],
    ['one after a string like a comment', "const glob = '/*';\nimport '../api/server.ts';"],
  ])('sees %s', (_, text) => {
    const files = { ...core, 'src/core/bad.ts': text, 'src/api/server.ts': '' };
    expect(check(files)).toEqual(['src/core/bad.ts imports upward: src/api/server.ts']);
  });

  test('does not see comments', () => {
    expect(check({ 'src/core/job.ts': "// import 'x'\n/** import('y') */" })).toEqual([]);
  });

  test.each([
    ['src/config/load.ts', 'src/log.ts'],
    ['src/log.ts', 'src/metrics.ts'],
    ['src/store/keys.ts', 'src/queue/producer.ts'],
    ['src/worker/drain.ts', 'src/api/server.ts'],
    ['src/local/completion.ts', 'src/api/server.ts'],
    ['src/cli/main.ts', 'src/main.ts'],
    ['src/main.ts', 'src/cli/main.ts'],
  ])('sees %s import its neighbour %s', (from, to) => {
    expect(checkPair(from, to)).toEqual([`${from} imports its neighbour: ${to}`]);
  });

  test.each([
    ['src/client/client.ts', 'src/store/keys.ts'],
    ['src/react/use-job.ts', 'src/local/completion.ts'],
    ['src/web/page.ts', 'src/log.ts'],
    ['src/api/server.ts', 'src/serve.ts'],
    ['src/local/completion.ts', 'src/serve.ts'],
    ['src/serve.ts', 'src/cli/main.ts'],
  ])('sees %s import upward: %s', (from, to) => {
    expect(checkPair(from, to)).toEqual([`${from} imports upward: ${to}`]);
  });

  test.each([
    ['src/serve.ts', 'src/client/client.ts'],
    ['src/core/job.ts', 'src/client/client.ts'],
    ['src/api/server.ts', 'src/client/client.ts'],
    ['src/web/page.ts', 'src/client/client.ts'],
    ['src/client/client.ts', 'src/react/use-job.ts'],
    ['src/cli/main.ts', 'src/react/use-job.ts'],
    ['src/main.ts', 'src/web/page.ts'],
  ])('sees %s import what is apart: %s', (from, to) => {
    expect(checkPair(from, to)).toEqual([`${from} imports what is apart: ${to}`]);
  });

  test('sees a module without a floor, and a file that does not exist', () => {
    const files = { 'src/helpers/text.ts': "import '../core/job.ts';\nimport './gone.ts';", ...core };
    expect(check(files)).toEqual([
      'src/helpers has no floor (src/helpers/text.ts imports src/core/job.ts)',
      'src/helpers/text.ts imports ./gone.ts, which does not exist',
    ]);
  });

  test('sees a cycle', () => {
    const files = {
      'src/core/a.ts': "import './b.ts';",
      'src/core/b.ts': "import './c.ts';",
      'src/core/c.ts': "import type { A } from './a.ts';",
    };
    expect(check(files)).toEqual([
      'import cycle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts',
    ]);
  });

  test.each([
    ['src/worker/attempt.ts', 'ioredis', 'store'],
    ['src/store/keys.ts', 'bullmq', 'queue'],
    ['src/worker/attempt.ts', 'undici', 'providers and src/outbound'],
    ['src/main.ts', 'express', 'api'],
    ['src/main.ts', 'commander', 'cli'],
    ['src/local/completion.ts', 'ora', 'cli'],
    ['src/cli/main.ts', 'react', 'react'],
    ['src/api/server.ts', 'react/jsx-runtime', 'react'],
    ['src/worker/attempt.ts', 'bullmq/dist/esm/classes', 'queue'],
  ])('sees %s import %s', (from, specifier, owner) => {
    const name = specifier.split('/')[0];
    expect(check({ [from]: `import { x } from '${specifier}';` })).toEqual([
      `${from} imports ${name}, which only src/${owner} may`,
    ]);
  });

  test.each(['node:fs', 'node:http', 'pino', '@scope/package'])('sees core import %s', (name) => {
    expect(check({ 'src/core/job.ts': `import '${name}';` })).toEqual([
      `src/core/job.ts imports ${name}, and src/core may only import zod, eventsource-parser, node:crypto`,
    ]);
  });

  test.each([
    ['src/client/client.ts', 'node:crypto', 'eventsource-parser, @noble/hashes'],
    ['src/client/client.ts', 'zod', 'eventsource-parser, @noble/hashes'],
    ['src/react/use-job.ts', 'node:events', 'react'],
    ['src/react/use-job.ts', 'react-dom', 'react'],
  ])('sees %s import %s, which not every runtime has', (from, name, all) => {
    expect(check({ [from]: `import '${name}';` })).toEqual([
      `${from} imports ${name}, and src/${from.split('/')[1]} may only import ${all}`,
    ]);
  });

  test('sees packages that are missing or unused', () => {
    const sources = new Map([['src/log.ts', "import pino from 'pino/file';\nimport '@scope/name/part';"]]);
    const resolved = new Map([['src/log.ts', 'import.meta.resolve(`pino/file`);']]);
    expect(findUndeclared(resolved, ['pino'])).toEqual([]);
    expect(findUndeclared(sources, ['pino', '@scope/name'])).toEqual([]);
    expect(findUndeclared(sources, ['pino'], ['@scope/name', 'react'])).toEqual([]);
    expect(findUndeclared(sources, ['pino', 'yaml'])).toEqual([
      'src/log.ts imports @scope/name, which package.json does not have',
      'package.json has yaml, which nothing imports',
    ]);
  });

  test('sees a long file', () => {
    const sources = new Map([
      ['src/short.ts', 'line\n'.repeat(300)],
      ['src/long.ts', 'line\n'.repeat(301)],
    ]);
    expect(findLongFiles(sources)).toEqual(['src/long.ts has 301 lines']);
  });
});
