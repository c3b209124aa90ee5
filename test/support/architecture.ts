import { dirname, join } from 'node:path/posix';

/** Source files by their path from the project's root. */
export type Sources = ReadonlyMap<string, string>;

/** From the ground up. A file imports from lower floors and from its own module, never from a neighbour. */
const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['config', 'log.ts', 'metrics.ts', 'outbound'],
  ['store', 'queue', 'providers', 'pricing', 'blobs'],
  ['routing', 'surfaces', 'files'],
  ['intake', 'batches', 'notices'],
  ['api', 'worker', 'feeder', 'local'],
  ['serve.ts'],
  ['main.ts', 'cli'],
];
/**
 * Modules beside the floors, because they run where no server does: what each may import besides the ground floor, and
 * who may import it.
 */
const APART: Readonly<
  Record<string, { readonly imports: readonly string[]; readonly by: readonly string[] }>
> = {
  client: { imports: [], by: ['local', 'react', 'cli'] },
  react: { imports: ['client'], by: [] },
  web: { imports: [], by: [] },
};

/** Packages that only these modules may import. */
const OWNERS: Readonly<Record<string, string | readonly string[]>> = {
  ioredis: 'store',
  bullmq: 'queue',
  undici: ['providers', 'outbound'],
  express: 'api',
  '@pydantic/genai-prices': 'pricing',
  'gpt-tokenizer': 'pricing',
  '@aws-sdk/client-s3': 'blobs',
  '@aws-sdk/lib-storage': 'blobs',
  commander: 'cli',
  'pino-pretty': 'cli',
  '@bomb.sh/tab': 'cli',
  ora: 'cli',
  react: 'react',
};
/** The only packages of modules that are pure, or run where Node may not. */
const ALL_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: ['zod', 'eventsource-parser', 'node:crypto'],
  client: ['eventsource-parser', '@noble/hashes'],
  react: ['react'],
};

/** An import as it is written, with the file that it names when it names one. */
interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly file: string | null;
}

/** Everything that breaks a rule of the floors, as sentences that name the file. */
export function findViolations(sources: Sources): string[] {
  const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));
  return [
    ...imports.flatMap((entry) => (entry.file === null ? checkPackage(entry) : checkFile(entry, sources))),
    ...findCycles(imports),
  ];
}

/** Packages imported and not declared, or declared and not imported; a user need not have peers, so they may be either. */
export function findUndeclared(
  sources: Sources,
  dependencies: readonly string[],
  peers: readonly string[] = [],
): string[] {
  const imported = new Map<string, string>();
  for (const { from, specifier, file } of [...sources].flatMap(([path, text]) => importsOf(path, text))) {
    if (file === null && !specifier.startsWith('node:')) imported.set(packageOf(specifier), from);
  }
  const missing = [...imported].filter(([name]) => ![...dependencies, ...peers].includes(name));
  const unused = dependencies.filter((name) => !imported.has(name));
  return [
    ...missing.map(([name, from]) => `${from} imports ${name}, which package.json does not have`),
    ...unused.map((name) => `package.json has ${name}, which nothing imports`),
  ];
}

/** Files with more lines than a reader should be asked to hold in mind. */
export function findLongFiles(sources: Sources, limit = 300): string[] {
  const lengths = [...sources].map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }));
  return lengths.filter(({ lines }) => lines > limit).map(({ path, lines }) => `${path} has ${lines} lines`);
}

const LITERAL_OR_COMMENT =
  /(?<literal>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
/** `import … from`, `export … from`, `import '…'`, `import('…')` as an expression or a type, `import.meta.resolve('…')`. */
const IMPORT =
  /\b(?:(?:import|export)\b[^'"`;()]*?\bfrom\s*|import(?:\.meta\.resolve)?\s*\(?\s*)['"`](?<specifier>[^'"`\n]+)['"`]/g;

function importsOf(path: string, text: string): Import[] {
  const code = text.replace(LITERAL_OR_COMMENT, '$<literal>');
  return [...code.matchAll(IMPORT)].map((match) => {
    const specifier = match.groups?.specifier ?? '';
    const file = /^\.{0,2}\//.test(specifier) ? join(dirname(path), specifier) : null;
    return { from: path, specifier, file };
  });
}

function checkFile({ from, specifier, file }: Import, sources: Sources): string[] {
  if (file === null || !sources.has(file)) return [`${from} imports ${specifier}, which does not exist`];
  const [importer, imported] = [moduleOf(from), moduleOf(file)];
  if (importer === imported) return [];
  const [upper, lower] = [floorOf(importer), floorOf(imported)];
  const unknown = [importer, imported].find((name) => floorOf(name) === -1 && apart(name) === undefined);
  if (unknown !== undefined) return [`src/${unknown} has no floor (${from} imports ${file})`];
  if (apart(imported) !== undefined) {
    return apart(imported)?.by.includes(importer) ? [] : [`${from} imports what is apart: ${file}`];
  }
  if (apart(importer) !== undefined && lower === 0) return [];
  if (lower < upper) return [];
  const direction = lower === upper ? 'its neighbour' : 'upward';
  return [`${from} imports ${direction}: ${file}`];
}

function checkPackage({ from, specifier }: Import): string[] {
  const module = moduleOf(from);
  const name = packageOf(specifier);
  const owners = [(Object.hasOwn(OWNERS, name) ? OWNERS[name] : undefined) ?? module].flat();
  const all = Object.hasOwn(ALL_PACKAGES, module) ? ALL_PACKAGES[module] : undefined;
  if (all !== undefined && !all.includes(name)) {
    return [`${from} imports ${name}, and src/${module} may only import ${all.join(', ')}`];
  }
  const only = owners.map((owner) => `src/${owner}`).join(' and ');
  return owners.includes(module) ? [] : [`${from} imports ${name}, which only ${only} may`];
}

function moduleOf(path: string): string {
  return path.split('/')[1] ?? path;
}

function apart(module: string) {
  return Object.hasOwn(APART, module) ? APART[module] : undefined;
}

function floorOf(module: string): number {
  return FLOORS.findIndex((floor) => floor.includes(module));
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Walks the imports depth first; meeting a file that is still being walked closes a circle. */
function findCycles(imports: readonly Import[]): string[] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push(`import cycle: ${[...trail.slice(start), path].join(' → ')}`);
    if (start !== -1 || done.has(path)) return;
    for (const { file } of targets.get(path) ?? []) if (file !== null) visit(file, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}
