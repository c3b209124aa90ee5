/** Where a value stands in the configuration file: keys and list indexes from the top. */
export type ConfigPath = readonly (string | number)[];

/** A place in a text. Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds a path in the configuration file: its key (or list item), or its value. Null: not in the file. */
export type Locate = (path: ConfigPath, at: 'key' | 'value') => Place | null;

/** One mistake in the configuration. */
export interface ConfigProblem {
  /** The file's name as it was given; null for an environment variable. */
  readonly file: string | null;
  readonly place: Place | null;
  /** `model_list[0].litellm_params.model`, or the environment variable's name. */
  readonly path: string;
  /** What is wrong and what would be right. Never holds a value that may be a secret. */
  readonly message: string;
}

/** The configuration cannot be used. Its message lists every mistake, each on a line, for a terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describe(problems));
    this.problems = problems;
  }
}

/** Gathers what is wrong, and what is harmlessly ignored, while a configuration is read. */
export class Problems {
  readonly #file: string;
  readonly #locate: Locate;
  readonly #mistakes: ConfigProblem[] = [];
  readonly #ignored = new Map<string, { first: string; advice: string; more: number }>();

  constructor(file: string, locate: Locate = () => null) {
    this.#file = file;
    this.#locate = locate;
  }

  /** A mistake at a path of the file; one at a missing path points at what should contain it. */
  add(path: ConfigPath, message: string, at: 'key' | 'value' = 'value'): void {
    this.addAt(this.#locate(path, at), path, message);
  }

  /** A mistake whose place is known already. */
  addAt(place: Place | null, path: ConfigPath, message: string): void {
    this.#mistakes.push({ file: this.#file, place, path: formatPath(path), message });
  }

  /** A mistake in an environment variable; the first one of each counts. */
  addVariable(name: string, message: string): void {
    if (this.#mistakes.some((mistake) => mistake.file === null && mistake.path === name)) return;
    this.#mistakes.push({ file: null, place: null, path: name, message });
  }

  /** True if a mistake at this path, or below it, is known. */
  has(path: ConfigPath): boolean {
    const prefix = formatPath(path);
    return this.#mistakes.some(
      (mistake) =>
        mistake.file !== null &&
        mistake.path.startsWith(prefix) &&
        ['', '.', '['].includes(mistake.path.charAt(prefix.length)),
    );
  }

  /** A warning: Sluice starts, but not quite as the file says. The same of many list items is told once. */
  warn(path: ConfigPath, advice: string): void {
    const family = formatPath(path.map((step) => (typeof step === 'number' ? 0 : step)));
    const same = `${family}: ${advice}`;
    const known = this.#ignored.get(same);
    if (known) known.more += 1;
    else this.#ignored.set(same, { first: formatPath(path), advice, more: 0 });
  }

  get warnings(): string[] {
    return [...this.#ignored.values()].map(({ first, advice, more }) => {
      const others = more === 0 ? '' : ` (and ${more} more like it)`;
      return `${first}${others}: ${advice}`;
    });
  }

  /** @throws {ConfigError} with every mistake, those of the file in its order, then the environment's. */
  throwIfAny(): void {
    if (this.#mistakes.length > 0) throw new ConfigError(this.#mistakes.toSorted(byPlace));
  }
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  if (a.file === null || b.file === null) return Number(a.file === null) - Number(b.file === null);
  return (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0);
}

/** `model_list[0].litellm_params.model`. A key that is not a plain word is quoted, its control characters escaped. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]{1,80}$/.test(step)) return `${text}[${quote(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A text of the user's as a message may show it: quoted, escaped, cut to 80 characters. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function describe(problems: readonly ConfigProblem[]): string {
  const rows = problems.map((problem) => ({ ...problem, where: formatPlace(problem) }));
  const width = Math.max(...rows.map((row) => row.where.length));
  const lines = rows.map(({ where, path, message }) =>
    [`  ${where.padEnd(width)}`, path, message].filter((part) => part !== '').join('  '),
  );
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  return `The configuration has ${count}:\n${lines.join('\n')}`;
}

function formatPlace({ file, place }: ConfigProblem): string {
  if (file === null) return 'environment';
  return place === null ? file : `${file}:${place.line}:${place.column}`;
}
