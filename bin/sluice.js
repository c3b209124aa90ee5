#!/usr/bin/env node
/**
 * The `sluice` command: from its sources where they are, which is in the repository, or else from what `npm run build`
 * made of them. Plain JavaScript without anything new, so that a Node that is too old says that it is, and what to do.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As in package.json. */
const OLDEST = [22, 19];

const at = (path) => new URL(`../${path}`, import.meta.url);
const inRepository = existsSync(at('src/cli/main.ts'));
const [major, minor] = process.versions.node.split('.').map(Number);
const tooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);

if (inRepository && (tooOld || !existsSync(at('node_modules')))) {
  fail(
    'sluice has to be set up here: `npm run setup` brings its packages, and Node.js 24. Then run `npx sluice`.',
  );
}
if (tooOld) {
  fail(
    `sluice needs Node.js ${OLDEST.join('.')} or newer, and this is ${process.versions.node}. ` +
      'Install Node.js 24, from https://nodejs.org or with your version manager, then try again.',
  );
}
if (inRepository) {
  // Node's compiler of types takes most of a start; decision 9.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(fileURLToPath(at('.sluice/compiled')));
}
await import(at(inRepository ? 'src/cli/main.ts' : 'dist/cli/main.js').href);

function fail(message) {
  console.error(message);
  process.exit(1);
}
