import { execFileSync } from 'node:child_process';

/** Runs before all tests: what the hundreds of processes that they start have in common is compiled here, once. */
export function setup(): void {
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: '.sluice/compiled' };
  execFileSync(process.execPath, ['src/main.ts', '--help'], { env });
}
