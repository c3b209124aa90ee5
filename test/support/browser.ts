import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** A real browser, for the tests of the file that calls this. It comes in a package, and asks the network for nothing. */
export function sharedBrowser(): { readonly browser: Browser } {
  let running: Browser | undefined;
  beforeAll(async () => {
    const home = await unpacked();
    running = await playwright.launch({
      executablePath: join(home, 'chromium'),
      // Libraries that come with it, for machines that lack them.
      env: { ...process.env, LD_LIBRARY_PATH: join(home, 'al2023', 'lib') },
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(() => running?.close());
  return {
    get browser() {
      if (running === undefined) throw new Error('The browser does not run yet.');
      return running;
    },
  };
}

/**
 * The folder of the program, unpacked beside its package, so that another version brings its own. Several test files may want it at
 * once: it gets its name when it is whole.
 */
async function unpacked(): Promise<string> {
  const home = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), 'unpacked');
  if (existsSync(home)) return home;
  const folder = await mkdtemp(`${home}-`);
  const { TMPDIR } = process.env;
  try {
    // Where the package unpacks to; by default a name that all who use this machine share.
    process.env.TMPDIR = folder;
    await chromium.executablePath();
    await inflate(join(home, '../../bin/al2023.tar.br'));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  // Where somebody else was first, theirs is as good.
  await rename(folder, home).catch(() => rm(folder, { recursive: true }));
  return home;
}
