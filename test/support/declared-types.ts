import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** JSON that a server sent, and the type that a client's declarations promise for it. */
export interface Declared {
  /** Says in the complaint which value it was. */
  readonly name: string;
  /** As TypeScript writes it; the clients are `OpenAI`, `OpenAI6` and `Anthropic`. */
  readonly type: string;
  readonly value: unknown;
}

const ROOT = resolve(import.meta.dirname, '../..');

const HEAD = `import type OpenAI from 'openai';
import type OpenAI6 from 'openai-6';
import type Anthropic from '@anthropic-ai/sdk';
`;

/**
 * What the compiler says against giving these values to a program that trusts the official clients' types: fields that
 * are promised and missing, values that are not among those declared. Fields that are not declared are no mistake.
 */
export async function typeMistakes(values: readonly Declared[]): Promise<string[]> {
  // Below the project, where the clients' packages are found.
  const parent = join(ROOT, '.sluice');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'types-'));
  try {
    const lines = values.map(({ type, value }, index) => {
      return `declare const v${index}: ${typeOf(value)}; export const t${index}: ${type} = v${index};`;
    });
    await writeFile(join(folder, 'values.ts'), HEAD + lines.join('\n'));
    return (await compile(folder)).map((complaint) => {
      const place = Number(/^\S*values\.ts\((\d+),/.exec(complaint)?.[1]) - HEAD.split('\n').length;
      const { name, type } = values[place] ?? {};
      return `${name} as ${type}: ${complaint.trim().split('\n').at(-1)?.trim()}`;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A complaint of the compiler each, with the lines that explain it: the last says what is at its bottom. */
function compile(folder: string): Promise<string[]> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--pretty', 'false'];
  const target = ['--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const given = [compiler, ...options, ...target, join(folder, 'values.ts')];
  return new Promise((done, failed) => {
    execFile(process.execPath, given, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, printed) => {
      if (error !== null && printed === '') failed(error);
      else done(printed.split(/\n(?=\S)/).filter((line) => line.trim() !== ''));
    });
  });
}

/** The type that has this value only. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(typeOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${typeOf(field)}`);
  return `{ ${fields.join('; ')} }`;
}
