import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SetupSandbox } from '../support/setup-sandbox.ts';

let sandbox: SetupSandbox;

beforeEach(() => {
  sandbox = new SetupSandbox();
});

afterEach(() => {
  sandbox.remove();
});

const INSTALL = expect.stringMatching(/^npm ci --include=dev /);
const NOTHING = { status: 0, said: '', did: [] };

describe('packages', () => {
  beforeEach(() => sandbox.pretendRedis('7.0.15'));

  test('are installed once', () => {
    expect(sandbox.run()).toMatchObject({
      status: 0,
      said: 'setup: installing packages (npm ci)\n',
      did: [INSTALL],
    });
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test('are installed again when the lock has changed or the Node binary is gone', () => {
    sandbox.run();
    sandbox.write('package-lock.json', '{ "changed": true }');
    expect(sandbox.run().did).toEqual([INSTALL]);
    sandbox.remove('node_modules/node');
    expect(sandbox.run().did).toEqual([INSTALL]);
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test('that were installed by hand are left alone', () => {
    sandbox.run();
    sandbox.remove('node_modules/.sluice-setup');
    sandbox.write('node_modules/.package-lock.json', '{}');
    utimesSync(join(sandbox.directory, 'package-lock.json'), 1e9, 1e9);
    expect(sandbox.run()).toEqual(NOTHING);
    // From here on a changed lock counts, however old the file says it is.
    sandbox.write('package-lock.json', '{ "changed": true }');
    utimesSync(join(sandbox.directory, 'package-lock.json'), 1e9, 1e9);
    expect(sandbox.run().did).toEqual([INSTALL]);
  });

  test('without npm, it says what to install', () => {
    sandbox.remove('bin/npm');
    expect(sandbox.run()).toMatchObject({ status: 1, said: expect.stringContaining('Install Node.js 20') });
  });

  test('a failure of npm ci is a failure', () => {
    sandbox.pretend('npm', 'exit 1');
    expect(sandbox.run()).toMatchObject({
      status: 1,
      said: expect.stringContaining('npm ci failed'),
      did: [INSTALL],
    });
  });

  test('a Node binary that npm did not fetch is asked for by name, then missed aloud', () => {
    sandbox.pretend('npm', 'mkdir -p node_modules/.bin');
    const { status, said, did } = sandbox.run();
    expect(did).toEqual([INSTALL, expect.stringMatching(/^npm rebuild node --ignore-scripts=false /)]);
    expect({ status, said }).toEqual({
      status: 1,
      said: expect.stringContaining('no node_modules/.bin/node'),
    });
  });

  test('where the fetched Node binary cannot run, a new enough one of the system does', () => {
    sandbox.pretend('npm', 'mkdir -p node_modules/.bin');
    sandbox.pretend('node');
    expect(sandbox.run().status).toBe(0);
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test('npm does not run on the Node binary that it is about to replace', () => {
    sandbox.pretend('npm', 'echo "$PATH" >seen; mkdir -p node_modules/.bin');
    sandbox.pretend('node');
    const bin = join(sandbox.directory, 'bin');
    const path = `/a b/node_modules/.bin:${bin}:${sandbox.directory}/node_modules/.bin`;
    expect(sandbox.run([], { PATH: path }).status).toBe(0);
    expect(sandbox.read('seen').trim()).toBe(bin);
  });
});

describe('Redis', () => {
  beforeEach(() => {
    sandbox.pretendRedis('7.0.15');
    sandbox.run();
    sandbox.remove('bin/redis-server');
  });

  const APT = 'apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends redis-server';

  test.each([
    ['apt-get', ['apt-get -qq update', APT]],
    ['dnf', ['dnf install -y -q redis']],
    ['apk', ['apk add -q redis']],
    ['brew', ['brew install --quiet redis']],
  ])('is installed with %s', (installer, calls) => {
    sandbox.pretendInstaller(installer);
    expect(sandbox.run()).toEqual({
      status: 0,
      said: expect.stringMatching(/^setup: installing redis\S* \(\S+\)\n$/),
      did: calls,
    });
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test.each([
    ['redis-server', '7.0.0'],
    ['redis-server', '10.0.0'],
    ['valkey-server', '8.0.1'],
  ])('%s %s will do', (name, version) => {
    sandbox.pretendRedis(version, name);
    sandbox.pretendInstaller('apt-get');
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test('is found where package managers put it, PATH or not', () => {
    sandbox.pretendRedis('7.0.15');
    sandbox.move('bin/redis-server', 'elsewhere/redis-server');
    expect(sandbox.run()).toEqual(NOTHING);
  });

  test('that is too old is replaced', () => {
    sandbox.pretendRedis('6.2.14');
    sandbox.pretendInstaller('apt-get');
    expect(sandbox.run()).toMatchObject({ status: 0, did: expect.arrayContaining([APT]) });
  });

  test('that is too old even after that fails, with its version', () => {
    sandbox.pretendInstaller('apt-get', '5.0.7');
    expect(sandbox.run()).toMatchObject({
      status: 1,
      said: expect.stringMatching(/found redis-server 5\.0\.7, which is too old\n.*7\.0 or newer/),
    });
  });

  test('is installed by valkey where the other package is missing', () => {
    sandbox.pretend('apk', 'case "$*" in *valkey*) ;; *) exit 1 ;; esac');
    expect(sandbox.run().did).toEqual(['apk add -q redis', 'apk add -q valkey']);
  });

  test('needs root, by sudo where there is one', () => {
    sandbox.pretendInstaller('apk');
    sandbox.pretend('id', 'echo 1000');
    expect(sandbox.run()).toMatchObject({ status: 1, said: expect.stringContaining('needs root') });
    sandbox.pretend('sudo', '"$@"');
    expect(sandbox.run()).toMatchObject({
      status: 0,
      did: ['sudo env apk add -q redis', 'apk add -q redis'],
    });
  });

  test('on a machine without an installer, is asked for', () => {
    expect(sandbox.run()).toMatchObject({
      status: 1,
      said: expect.stringMatching(/needs redis-server or valkey-server 7\.0 .* set REDIS_URL/),
      did: [],
    });
  });

  test('is left out when asked, and where another server is named', () => {
    const REDIS_URL = 'redis://elsewhere';
    expect(sandbox.run(['--without-redis'])).toEqual(NOTHING);
    expect(sandbox.run([], { SLUICE_SKIP_REDIS: '1' })).toEqual(NOTHING);
    for (const hook of ['prestart', 'preapi', 'preworker']) {
      expect(sandbox.run([], { npm_lifecycle_event: hook, REDIS_URL })).toEqual(NOTHING);
      expect(sandbox.run([], { npm_lifecycle_event: hook }).status).toBe(1);
    }
    expect(sandbox.run([], { npm_lifecycle_event: 'pretest', REDIS_URL }).status).toBe(1);
  });
});
