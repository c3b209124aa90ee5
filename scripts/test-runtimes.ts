/**
 * `npm run test:runtimes`: the packed library, used in Node.js, Deno and Bun, against a Sluice of its own. Not a part of
 * `npm test`, because the runtimes are 200 MB; they are installed into `.sluice/runtimes`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PRINTED, PROGRAM } from '../test/support/library-program.ts';
import { withOwnSluice } from './own-sluice.ts';

const root = join(import.meta.dirname, '..');
const home = join(root, '.sluice/runtimes');

function install(): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "type": "module", "private": true }\n');
  execFileSync('npm', ['pack', '--silent', '--pack-destination', home], { cwd: root, stdio: 'ignore' });
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '';
  const options = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, `./${tarball}`, 'deno', 'bun'], {
    cwd: home,
    stdio: 'inherit',
  });
}

const RUNTIMES: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['Node.js', process.execPath],
  ['Deno', join(home, 'node_modules/.bin/deno'), 'run', '--allow-net', '--allow-env'],
  ['Bun', join(home, 'node_modules/.bin/bun')],
];

async function runEverywhere(url: string): Promise<boolean> {
  const file = join(home, 'program.js');
  writeFileSync(file, `const baseURL = '${url}';\nconst print = console.log;\n${PROGRAM}`);
  const results = RUNTIMES.map(([name, command, ...args]) => {
    const version = execFileSync(command, ['--version'], { encoding: 'utf8' }).split('\n')[0];
    const printed: unknown = JSON.parse(
      execFileSync(command, [...args, file], { cwd: home, encoding: 'utf8' }),
    );
    const passed = isDeepStrictEqual(printed, PRINTED);
    console.log(
      `${passed ? 'passed' : 'FAILED'}  ${name} ${version}${passed ? '' : `: ${JSON.stringify(printed)}`}`,
    );
    return passed;
  });
  return results.every(Boolean);
}

install();
await withOwnSluice(runEverywhere);
