import { execFile } from 'node:child_process';
import { constants, globSync } from 'node:fs';
import { access, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, scripted } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { type InstalledPackage, installPackage } from '../support/installed-package.ts';
import { expectQuietLog } from '../support/shared-sluice.ts';
import { startSluice } from '../support/sluice-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

/** A part of the library: how it is imported, and its source. */
interface Part {
  readonly name: string;
  readonly source: string;
}
const PARTS: readonly Part[] = Object.entries<Record<string, string>>(manifest.exports)
  .map(([path, targets]) => ({ name: join('sluice', path), source: targets['sluice-source'] ?? '' }))
  .filter(({ source }) => source !== '');

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed?.[Symbol.asyncDispose]());

describe('the tarball', () => {
  test('has the sources, compiled, what they read beside them, and nothing else of them', () => {
    const sources = globSync('**/*.*', { cwd: join(ROOT, 'src') });
    const expected = sources.flatMap((path) =>
      path.endsWith('.ts') ? [path.replace(/ts$/, 'js'), path.replace(/ts$/, 'd.ts')] : [path],
    );
    const dist = installed.paths.filter((path) => path.startsWith('dist/')).map((path) => path.slice(5));
    expect(dist.sort()).toEqual(expected.sort());
    expect(dist.filter((path) => !/\.(js|d\.ts|lua|css|html|svg)$/.test(path))).toEqual([]);
  });

  test('has the documentation and the command besides, and no more', () => {
    const others = installed.paths.filter((path) => !/^(dist\/|docs\/.*\.md$)/.test(path));
    expect(others.sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/sluice.js',
      'package.json',
      'sluice.example.yaml',
    ]);
  });

  test('has what its manifest names', async () => {
    const { exports, bin, types } = installed.manifest;
    const missing = (path: string): boolean => !installed.paths.includes(path.replace(/^\.\//, ''));
    expect(Object.values<string>(bin).filter(missing)).toEqual([]);
    for (const { name } of PARTS) {
      const { default: code, types: declared } = exports[name.replace(/^sluice/, '.')];
      expect([code, declared].filter(missing), name).toEqual([]);
    }
    expect(types).toBe(exports['.'].types);
    await access(join(installed.project, 'node_modules/sluice', bin.sluice), constants.X_OK);
  });

  test('can be imported, with its types', async () => {
    const names = PARTS.map(({ name }) => name).filter((name) => name !== 'sluice/react');
    const code = names.map((name) => `await import('${name}')`).join('; ');
    await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: installed.project });

    await symlink(join(ROOT, 'node_modules/@types'), join(installed.project, 'node_modules/@types'));
    const text = PARTS.map(({ name }, index) => `import * as part${index} from '${name}';\n`).join('');
    const uses = PARTS.map((_, index) => `part${index}`).join(', ');
    await writeFile(join(installed.project, 'use.ts'), `${text}export const all = [${uses}];\n`);
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const flags = `--noEmit --strict --target es2024 --types node --module ${module} --moduleResolution ${resolution}`;
      const command = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags.split(' '), 'use.ts'];
      const options = { cwd: installed.project };
      const { stdout } = await run(process.execPath, command, options).catch((failed) => failed);
      // What other packages' declarations lack is not in their users' power.
      expect(
        stdout.split('\n').filter((line: string) => /^(use\.ts|node_modules\/sluice\/)/.test(line)),
      ).toEqual([]);
    }
  });
});

test('the server runs from the package', async () => {
  await using sluice = await startSluice({ project: installed.project });
  const { url } = sluice;

  const request = scripted('from the package');
  const completion = await call('POST', `${url}/v1/chat/completions`, { body: request });
  expect(completion.body.choices[0].message.content).toBe('from the package');

  const description = await call('GET', `${url}/openapi.json`);
  expect(description.body.info.version).toBe(manifest.version);
  for (const page of ['', '/swagger-ui.css', '/swagger-ui-bundle.js', '/page.css', '/page.js', '/icon.svg']) {
    const { status } = await fetch(`${url}/docs${page}`);
    expect(status, page).toBe(200);
  }

  // 10 by its bytes, which is the answer as long as the thread has not begun.
  const prompt = { model: 'scripted/echo', messages: [{ role: 'user', content: 'hello world' }] };
  let counted: unknown;
  const tokens = async (): Promise<boolean> => {
    counted = (await call('POST', `${url}/v1/messages/count_tokens`, { body: prompt })).body;
    return (counted as { input_tokens?: number }).input_tokens === 9;
  };
  await eventually('tokens, counted in the thread', tokens, { describe: () => JSON.stringify(counted) });

  sluice.signal('SIGTERM');
  expect(await sluice.exited).toBe(0);
  expectQuietLog(sluice);
});

describe('the command', () => {
  const command = (): string => join(installed.project, 'node_modules/sluice/bin/sluice.js');

  /** Runs it on a Node that says it is of this version. */
  async function runOn(version: string, args: readonly string[] = [], path = command()) {
    const preload = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
    const {
      code = 0,
      stdout,
      stderr,
    } = await run(process.execPath, [...flags, path, ...args]).catch((failed) => failed);
    return { code, stdout, stderr };
  }

  test.each(['18.20.8', '20.20.2', '22.18.0'])('says what it needs on Node %s', async (version) => {
    const [oldest] = /[\d.]+/.exec(manifest.engines.node) ?? [];
    expect(await runOn(version)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `sluice needs Node.js ${oldest} or newer, and this is ${version}. ` +
        'Install Node.js 24, from https://nodejs.org or with your version manager, then try again.\n',
    });
  });

  test('says in the repository how to set it up', async () => {
    const { code, stderr } = await runOn('20.20.2', [], join(ROOT, 'bin/sluice.js'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sluice has to be set up here: `npm run setup` .*\n$/);
  });

  test('runs from the sources', async () => {
    const { stdout } = await run('npx', ['--no-install', 'sluice', '--help'], { cwd: join(ROOT, 'docs') });
    expect(stdout).toMatch(/^Usage: sluice /m);
  });

  test('runs from the package', async () => {
    for (const version of ['22.19.0', '24.0.0']) {
      const { code, stdout } = await runOn(version, ['--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: sluice /m);
    }
  });
});
