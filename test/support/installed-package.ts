import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The npm package in a project that has nothing else. */
export interface InstalledPackage {
  /** The project's folder; the package is in `node_modules/sluice`. */
  readonly project: string;
  /** What the tarball holds: paths from the package's root. */
  readonly paths: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the manifest as npm would
  readonly manifest: any;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Packs this repository, as publishing does, and installs the tarball. npm would take its dependencies from the
 * registry: 11 s with all of them in its cache, and a network without. Here they are links to those of the repository,
 * and only to those that the package declares, so that what it imports without saying so is not found.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const project = await mkdtemp(join(tmpdir(), 'sluice-package-'));
  const dispose = (): Promise<void> => rm(project, { recursive: true, force: true });
  try {
    return { ...(await installInto(project)), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function installInto(project: string): Promise<Omit<InstalledPackage, typeof Symbol.asyncDispose>> {
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  await run('npm', ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', project], {
    cwd: ROOT,
  });
  const [tarball = ''] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', join(project, tarball), '-C', modules]);
  const home = join(modules, 'sluice');
  // What every tarball of npm has as its only folder.
  await rename(join(modules, 'package'), home);
  const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return {
    project,
    paths: files.map(({ parentPath, name }) => join(parentPath, name).slice(home.length + 1)),
    manifest,
  };
}
