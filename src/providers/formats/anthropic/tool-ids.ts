/**
 * The ids of tool calls, as Anthropic takes them: of letters, digits, `_` and `-` alone, and none twice.
 * Other providers' ids (`functions.add:0`) are not so, nor the names that stand for the ids of legacy
 * function calls.
 */
export class ToolIds {
  readonly #current = new Map<string, string>();
  readonly #used = new Set<string>();

  /** The id of a new call. */
  begin(id: string): string {
    const plain = id.replace(/[^\w-]/g, '_') || 'call';
    let unique = plain;
    for (let number = 2; this.#used.has(unique); number += 1) unique = `${plain}_${number}`;
    this.#used.add(unique);
    this.#current.set(id, unique);
    return unique;
  }

  /** The id of the latest call that the client knows by this one. */
  of(id: string): string {
    return this.#current.get(id) ?? id;
  }
}
