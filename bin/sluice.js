#!/usr/bin/env node
/**
 * The `sluice` command: from its sources where they are, which is in the repository, or else from what `npm run build`
 * made of them. Plain JavaScript without anything new, so that a Node that is too old says that it is, and what to do.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As in package.json. */
const OLDEST = [22, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    `sluice needs Node.js ${OLDEST.join('.')} or newer, and this is ${process.versions.node}. ` +
      'Install Node.js 24, from https://nodejs.org or with your version manager, then try again.',
  );
  process.exit(1);
}

const source = new URL('../src/cli/main.ts', import.meta.url);
if (existsSync(source)) {
  // Node's compiler of types takes most of a start; decision 9.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(fileURLToPath(new URL('../.sluice/compiled', import.meta.url)));
  await import(source.href);
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
