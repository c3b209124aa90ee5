import { afterAll, beforeAll } from 'vitest';

/** A tab's sessionStorage, in memory. */
export class MemoryStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(name: string): string | null {
    return this.#items.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.#items.set(name, value);
  }

  removeItem(name: string): void {
    this.#items.delete(name);
  }

  names(): string[] {
    return [...this.#items.keys()];
  }

  clear(): void {
    this.#items.clear();
  }
}

/** Makes this process look like a page that has a storage, for the tests of the file that calls this. */
export function pageStorage(): { readonly storage: MemoryStorage; use(storage: object | undefined): void } {
  const storage = new MemoryStorage();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage');
  const use = (value: object | undefined): void => {
    Object.defineProperty(globalThis, 'sessionStorage', { value, configurable: true });
  };
  beforeAll(() => use(storage));
  afterAll(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'sessionStorage');
    else Object.defineProperty(globalThis, 'sessionStorage', before);
  });
  return { storage, use };
}
