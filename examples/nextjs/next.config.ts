/**
 * Next.js and Sluice: a page that asks (`app/page.tsx`), and the route that hands its requests on (`app/api/sluice`).
 *
 *   npm start                                     Sluice, in another terminal
 *   SLUICE_BASE_URL=http://127.0.0.1:4000 npx next dev examples/nextjs
 *
 * SLUICE_API_KEY is the server's key, where it has one.
 */
import { join } from 'node:path';
import type { NextConfig } from 'next';

const repository = join(import.meta.dirname, '../..');

const config: NextConfig = {
  // In this repository 'sluice' is its sources. An app that has installed the package needs none of this.
  turbopack: {
    root: repository,
    resolveAlias: { sluice: '../../src/client/index.ts', 'sluice/react': '../../src/react/index.ts' },
  },
};

export default config;
