import { isFields } from '../../../core/json.ts';
import { countOf } from './wire.ts';

type Container = Record<string, unknown> | unknown[];

/**
 * The arguments of one function call, put together from what Vertex AI streams: values, and pieces of text, at the
 * places that JSON paths (RFC 9535) name: `{jsonPath: '$.at[0].name', stringValue: 'Ber', willContinue: true}`.
 */
export class PartialArguments {
  readonly #root = emptyObject();
  /** The places whose text goes on. */
  readonly #unfinished = new Set<string>();

  /** Takes one `PartialArg`. False if it makes no sense. */
  add(piece: unknown): boolean {
    if (!isFields(piece) || typeof piece.jsonPath !== 'string') return false;
    const steps = stepsOf(piece.jsonPath);
    const last = steps?.pop();
    if (!steps || last === undefined) return false;
    const container = this.#descend(steps, last);
    if (container === null || !reaches(container, last)) return false;
    const before = this.#unfinished.has(piece.jsonPath) ? valueAt(container, last) : undefined;
    const value = valueOfPiece(piece);
    setAt(container, last, typeof before === 'string' && typeof value === 'string' ? before + value : value);
    if (piece.willContinue === true) this.#unfinished.add(piece.jsonPath);
    else this.#unfinished.delete(piece.jsonPath);
    return true;
  }

  /** As JSON. */
  toString(): string {
    return JSON.stringify(this.#root);
  }

  /** What holds the last step, made on the way where it is missing; null where something else is there. */
  #descend(steps: readonly (string | number)[], last: string | number): Container | null {
    let at: Container = this.#root;
    for (const [index, step] of steps.entries()) {
      if (!reaches(at, step)) return null;
      const next = steps[index + 1] ?? last;
      const held = valueAt(at, step) ?? (typeof next === 'number' ? [] : emptyObject());
      if (typeof held !== 'object') return null;
      setAt(at, step, held);
      at = held as Container;
    }
    return at;
  }
}

/** Whether the step can be taken: a name in an object, or a number in an array that leaves no gap in it. */
function reaches(container: Container, step: string | number): boolean {
  if (Array.isArray(container)) return typeof step === 'number' && step <= container.length;
  return typeof step === 'string';
}

/** Without a prototype, so that no name means anything but itself. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null);
}

function valueAt(container: Container, step: string | number): unknown {
  return (container as Record<string | number, unknown>)[step];
}

function setAt(container: Container, step: string | number, value: unknown): void {
  (container as Record<string | number, unknown>)[step] = value;
}

function valueOfPiece({ stringValue, numberValue, boolValue }: Readonly<Record<string, unknown>>): unknown {
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof numberValue === 'number') return numberValue;
  // `nullValue`, whatever is in it.
  return null;
}

const STEP =
  /\.(?<name>[^.[\]]+)|\[(?<index>\d+)\]|\['(?<single>(?:\\.|[^'\\])*)'\]|\["(?<double>(?:\\.|[^"\\])*)"\]/y;

/** The names and numbers of a path; null if it is none. */
function stepsOf(path: string): (string | number)[] | null {
  if (!path.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const { name, index, single, double } = STEP.exec(path)?.groups ?? {};
    if (index !== undefined) steps.push(countOf(Number(index)) ?? 0);
    else if (name !== undefined) steps.push(name);
    else if (single !== undefined || double !== undefined) steps.push(unescaped(single ?? double ?? ''));
    else return null;
  }
  return steps;
}

function unescaped(name: string): string {
  return name.replace(/\\(u[\da-fA-F]{4}|.)/g, (_, escaped: string) => {
    if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return ESCAPES[escaped] ?? escaped;
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
