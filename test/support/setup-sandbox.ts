import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '../../scripts/setup.sh');
const REAL_COMMANDS = 'sh cat chmod cksum dirname env find flock ln mkdir rm touch uname'.split(' ');

const NPM = `
[ "$1" = ci ] || exit 0
rm -rf node_modules
mkdir -p node_modules/node/bin node_modules/.bin
printf '#!/bin/sh\\n' >node_modules/node/bin/node
chmod +x node_modules/node/bin/node
ln -s ../node/bin/node node_modules/.bin/node
`;

/** A checkout for setup.sh to run in, on a machine that has no commands but harmless ones and pretended ones. */
export class SetupSandbox {
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-setup-'));
  readonly #bin = join(this.directory, 'bin');
  readonly #log = join(this.directory, 'log');

  constructor() {
    for (const folder of ['bin', 'elsewhere', 'scripts']) mkdirSync(join(this.directory, folder));
    // The real machine's Redis must stay out of sight.
    const elsewhere = `more_directories=/missing:${this.directory}/elsewhere`;
    const script = readFileSync(SCRIPT, 'utf8').replace(/^more_directories=.*$/m, elsewhere);
    this.write('scripts/setup.sh', script);
    this.write('package-lock.json', '{}');
    for (const command of REAL_COMMANDS) this.#link(command);
    this.pretend('npm', NPM);
    this.pretend('id', 'echo 0');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.directory, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  move(from: string, to: string): void {
    renameSync(join(this.directory, from), join(this.directory, to));
  }

  remove(path = ''): void {
    rmSync(join(this.directory, path), { recursive: true, force: true });
  }

  /** Adds a command, which also logs its calls. */
  pretend(name: string, body = ''): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${this.#log}"\n${body}`);
    chmodSync(path, 0o755);
  }

  pretendRedis(version: string, name = 'redis-server'): void {
    this.pretend(name, `echo "Redis server v=${version} sha=00000000:0"`);
  }

  /** Adds an installer that brings a Redis of this version. */
  pretendInstaller(name: string, version = '7.0.15'): void {
    const redis = join(this.#bin, 'redis-server');
    const body = `#!/bin/sh\\necho "Redis server v=${version} sha=0"\\n`;
    this.pretend(name, `case "$*" in *install*|*add*) printf '${body}' >${redis}; chmod +x ${redis} ;; esac`);
  }

  /** Runs the script, and tells what it printed and which commands it called to change something. */
  run(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): { status: number; said: string; did: string[] } {
    rmSync(this.#log, { force: true });
    const command = [join(this.directory, 'scripts/setup.sh'), ...args];
    const { status, stderr, stdout } = spawnSync('/bin/sh', command, {
      env: { PATH: this.#bin, ...env },
      encoding: 'utf8',
    });
    const calls = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').trimEnd().split('\n') : [];
    const did = calls.filter((call) => !/^(id|systemctl) |--version$/.test(call));
    return { status: status ?? -1, said: `${stdout}${stderr}`, did };
  }

  #link(command: string): void {
    const directories = (process.env.PATH ?? '').split(delimiter);
    const real = directories.map((directory) => join(directory, command)).find((path) => existsSync(path));
    if (real !== undefined) symlinkSync(real, join(this.#bin, command));
  }
}
