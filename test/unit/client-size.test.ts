import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** As an app's own bundler would, with nothing left out. */
async function bundle(entry: string, external: string[] = []) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external,
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { size: gzipSync(code).length, imports, inputs: Object.keys(metafile.inputs) };
}

test('the client is small, and needs nothing that browsers do not have', async () => {
  const { size, imports, inputs } = await bundle('src/client/index.ts');
  expect(size).toBeLessThan(15_000);
  expect(imports).toEqual([]);
  expect(inputs.filter((path) => /node_modules\/zod\//.test(path))).toEqual([]);
});

test('the hooks, with the client that they need, are little more', async () => {
  const { size, imports } = await bundle('src/react/index.ts', ['react']);
  expect(size).toBeLessThan(18_000);
  expect(new Set(imports)).toEqual(new Set(['react']));
});
