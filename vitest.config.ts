import { defineConfig } from 'vitest/config';

export default defineConfig({
  // 'sluice' is this package: here its sources, built or not. The others are Vitest's own, which a list replaces.
  ssr: { resolve: { conditions: ['sluice-source', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/compile-sources.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every integration and chaos file starts its own Redis server and processes: more than
    // two files at once on a small machine measures the machine, not Sluice.
    maxWorkers: 2,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'test-report.json' }]] : ['default'],
  },
});
