import type { z } from 'zod';
import type { ConfigPath, Problems } from './problems.ts';
import type { ProviderInfo } from './provider-info.ts';

const REFERENCE = 'os.environ/';

/** What everything that reads a part of the configuration needs. */
export interface Reading {
  readonly environment: NodeJS.ProcessEnv;
  readonly problems: Problems;
  /** The providers that deployments may name. */
  readonly providers: readonly ProviderInfo[];
  /** The provider of a well-known model that is named without one; null where the name does not tell. */
  readonly providerOfModel: (model: string) => string | null;
}

/** A YAML map, as opposed to a list, a single value, or nothing. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of these variables that is set; null if none is. */
export function firstSet(
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): { name: string; value: string } | null {
  for (const name of names) {
    const value = variable(environment, name);
    if (value !== null) return { name, value };
  }
  return null;
}

/** The variable's value; null if it is unset or empty, which is how container tools write unset. */
export function variable(environment: NodeJS.ProcessEnv, name: string): string | null {
  return environment[name] || null;
}

/**
 * Replaces every `os.environ/NAME` (LiteLLM's notation) in a value by that environment variable. An unset
 * one is a mistake, and undefined.
 */
export function resolveReferences(value: unknown, path: ConfigPath, reading: Reading): unknown {
  if (typeof value === 'string') return resolveReference(value, path, reading);
  if (Array.isArray(value))
    return value.map((item, index) => resolveReferences(item, [...path, index], reading));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveReferences(item, [...path, key], reading)]),
  );
}

function resolveReference(
  text: string,
  path: ConfigPath,
  { environment, problems }: Reading,
): string | undefined {
  if (!text.startsWith(REFERENCE)) return text;
  const name = text.slice(REFERENCE.length);
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    problems.add(path, `${REFERENCE} must be followed by the name of an environment variable`);
    return undefined;
  }
  const value = variable(environment, name);
  if (value === null) problems.add(path, `the environment variable ${name} is not set, or empty: set it`);
  return value ?? undefined;
}

/**
 * Reads the keys of a map that the schema has; `other` decides about the rest. A key without a value is as
 * good as absent. What the schema refuses is a mistake, and left out; null if nothing is left without it.
 */
export function readMap<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  path: ConfigPath,
  reading: Reading,
  other: (key: string, value: unknown) => void,
): z.infer<Schema> | null {
  if (!isMap(value)) {
    reading.problems.add(path, 'must be a map of settings (lines of `name: value`, indented)');
    return null;
  }
  const own: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (!Object.hasOwn(schema.shape, key)) other(key, item);
    else if (item !== null) own[key] = resolveReferences(item, [...path, key], reading);
  }
  const result = schema.safeParse(own);
  if (result.success) return result.data;
  reportIssues(result.error, path, reading.problems);
  for (const { path: refused } of result.error.issues) delete own[String(refused[0])];
  return schema.safeParse(own).data ?? null;
}

/** Turns what a schema refused into mistakes, except where a mistake is known already. */
export function reportIssues(error: z.ZodError, path: ConfigPath, problems: Problems): void {
  for (const issue of error.issues) {
    const at = [...path, ...issue.path.filter((step) => typeof step !== 'symbol')];
    if (!problems.has(at)) problems.add(at, issue.message.charAt(0).toLowerCase() + issue.message.slice(1));
  }
}
