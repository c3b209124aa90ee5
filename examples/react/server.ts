/**
 * A React page that asks a model, and the whole server that it needs: the page, and the relay that has the key.
 *
 *   npm start                                     Sluice, in another terminal
 *   SLUICE_BASE_URL=http://127.0.0.1:4000 node --conditions=sluice-source examples/react/server.ts
 *
 * Then open http://127.0.0.1:3000, ask, and load the page again while the answer comes. SLUICE_API_KEY is the server's key,
 * where it has one; PORT can be set. The relay lets everybody in, because this listens on this machine only: give
 * a function for `authorize` elsewhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { build } from 'esbuild';
import { Hono } from 'hono';
import { createRelay } from 'sluice/relay';

const bundle = await build({
  entryPoints: [join(import.meta.dirname, 'page.tsx')],
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  // This repository's sources; an app that has installed the package leaves this out.
  conditions: ['sluice-source'],
  write: false,
});
const script = bundle.outputFiles[0]?.text ?? '';
const html = readFileSync(join(import.meta.dirname, 'index.html'), 'utf8');
const relay = createRelay({ authorize: 'everybody' });

const app = new Hono()
  .get('/', (context) => context.html(html))
  .get('/page.js', (context) => context.body(script, 200, { 'Content-Type': 'text/javascript' }))
  .all('/api/sluice/*', (context) => relay(context.req.raw));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
