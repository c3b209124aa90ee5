/** A variable of the environment; undefined where it is unset or empty, and where there is no environment (browsers). */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as {
    process?: { env?: Readonly<Record<string, string | undefined>> };
  };
  try {
    return process?.env?.[name] || undefined;
  } catch {
    // Deno, without the permission to read it.
    return undefined;
  }
}
