import { defineConfig } from 'vitest/config';

export default defineConfig({
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
